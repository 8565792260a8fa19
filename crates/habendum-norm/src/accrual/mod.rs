//! The transitions of payments: from figures already evaluated to whole minor units.
//!
//! Data flow: `Layout::plan` once per version of a clause, `Layout::fresh` once per instance key; then [`assess`] per event or
//! period and [`close_floor`] at a period's end; what comes out is posted to a [`crate::ledger::Ledger`]. The interpreter keeps
//! these states in a map; an engine over columns keeps the same ones in arrays. Invariant: no expression, event or map is read
//! here, and an error leaves every state as it was.

mod assess;
mod cap;
mod counter;
mod credit;
mod error;
mod floor;
mod outcome;
mod plan;
mod prorate;
mod round;
mod tier;

pub use assess::{Base, Figures, PaymentState, assess, close_floor};
pub use cap::{CapFigure, CapState, accept};
pub use counter::{Counter, Reading};
pub use credit::{CreditFigure, CreditLimit, credit};
pub use error::{AccrualError, fit64};
pub use floor::{Carried, FloorNext, FloorState};
pub use outcome::{Assessed, Reason, Step};
pub use plan::{CapPlan, CreditPlan, FloorPlan, Layout, OpenDate, Plan};
pub use prorate::share_of_days;
pub use round::{RoundState, round_alone};
pub use tier::{BandFault, BandFigure, Rate, check_bands, tier_total};
