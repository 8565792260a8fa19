//! Tier tables: bands with their bounds, checked for gaps and overlaps where the bounds are constants (C021).

use super::{Lowering, Place};
use crate::ir::{Amount, Band};
use habendum_model::deal::as_const;
use habendum_model::expr::{Expr, ExprKind, Type};
use habendum_model::value::{CurrencyId, Exact, Value};
use habendum_syntax::ast;
use habendum_syntax::{Diagnostic, Span};

impl Lowering<'_> {
    pub(super) fn tiers(&mut self, t: &ast::Tiers, at: &Place, span: Span) -> Option<(Amount, CurrencyId)> {
        let base = self.any(&t.base, at)?;
        if let ast::Period::Rolling(_) = t.per.node {
            let message = "a rolling total falls as well as rises, so what a band has given cannot be kept";
            self.say(Diagnostic::error("T066", message, t.per.span, "named here"));
        }
        let mut bands: Vec<Band> = Vec::new();
        let mut currency = None;
        for b in &t.bands {
            let lower = match &b.node.lower {
                Some((e, included)) => (self.any(e, at)?, *included),
                None => self.default_lower(&bands, &base, b.span)?,
            };
            let upper = match &b.node.upper {
                Some((e, included)) => Some((self.any(e, at)?, *included)),
                None => None,
            };
            self.same_type(&base, &lower.0);
            if let Some((u, _)) = &upper {
                self.same_type(&base, u);
            }
            let rate = self.any(&b.node.rate, at)?;
            let pays = self.band_currency(t.marginal, &base, &rate, b.span)?;
            if currency.is_some_and(|c| c != pays) {
                self.say(Diagnostic::error(
                    "T065",
                    "the bands pay in different currencies",
                    b.span,
                    "this one",
                ));
            }
            currency = Some(pays);
            bands.push(Band { lower, upper, rate, span: b.span });
        }
        self.check_bands(&bands, span);
        let amount = Amount::Tiers { marginal: t.marginal, base, per: t.per.node, bands };
        Some((amount, currency?))
    }

    /// The lower bound of a band that names none: zero for the first, else where the band before it ends.
    fn default_lower(&mut self, bands: &[Band], base: &Expr, span: Span) -> Option<(Expr, bool)> {
        match bands.last() {
            None => {
                let zero = match base.ty {
                    Type::Money(c, _) => Value::Money(Exact::ZERO, c),
                    _ => Value::Number(Exact::ZERO),
                };
                Some((Expr { kind: ExprKind::Const(zero), ty: base.ty, span }, true))
            }
            Some(Band { upper: Some((u, included)), .. }) => Some((u.clone(), !included)),
            Some(last) => {
                let d = Diagnostic::error("C021", "a band after one that has no end", span, "never reached")
                    .label(last.span, "this band holds everything above its start");
                self.say(d);
                None
            }
        }
    }

    /// The currency in which a band pays: of its base for a percent, of its price, or of its fixed sum.
    fn band_currency(&mut self, marginal: bool, base: &Expr, rate: &Expr, span: Span) -> Option<CurrencyId> {
        match (base.ty, rate.ty) {
            (Type::Money(c, None), Type::Percent | Type::Decimal(None) | Type::Int) => Some(c),
            (Type::Decimal(u), Type::Money(c, Some(p))) if u == Some(p) => Some(c),
            (Type::Int | Type::Decimal(None), Type::Money(c, None)) if marginal => Some(c),
            (_, Type::Money(c, None)) if !marginal => Some(c),
            _ => {
                let help = if marginal {
                    "say a percent of a sum of money, or a price per unit of a quantity"
                } else {
                    "say a percent, a price per unit, or a fixed sum"
                };
                let d = Diagnostic::error(
                    "T065",
                    "the rate of this band does not fit what is counted",
                    span,
                    "this band",
                )
                .help(help);
                self.say(d);
                None
            }
        }
    }

    fn check_bands(&mut self, bands: &[Band], span: Span) {
        let value = |e: &Expr| match as_const(e) {
            Some(Value::Number(n) | Value::Money(n, _)) => Some(*n),
            _ => None,
        };
        for (a, b) in bands.iter().zip(bands.iter().skip(1)) {
            let Some((upper, upper_in)) = &a.upper else {
                let d = Diagnostic::error("C021", "two bands hold the same total", b.span, "this band")
                    .label(a.span, "this one has no end and holds it too");
                self.say(d);
                continue;
            };
            let (Some(u), Some(l)) = (value(upper), value(&b.lower.0)) else { continue };
            let shown = self.figure_text(upper, u);
            let low = self.figure_text(&b.lower.0, l);
            if u < l || (u == l && !upper_in && !b.lower.1) {
                let at = if u == l || !upper_in { shown.clone() } else { format!("just above {shown}") };
                let d = Diagnostic::error(
                    "C021",
                    format!("no band holds a total of {at}"),
                    b.span,
                    "this band begins later",
                )
                .label(a.span, "this band ends before")
                .help(format!("say `more than {shown}`, or close the gap"));
                self.say(d);
            } else if u > l || (*upper_in && b.lower.1) {
                let d = Diagnostic::error(
                    "C021",
                    format!("two bands hold a total of {low}"),
                    b.span,
                    "this band holds it",
                )
                .label(a.span, "and so does this one")
                .help(format!("say `more than {shown}`"));
                self.say(d);
            }
        }
        for b in bands {
            if let (Some(l), Some((u, _))) = (value(&b.lower.0), &b.upper)
                && value(u).is_some_and(|u| u < l)
            {
                self.say(Diagnostic::error(
                    "C021",
                    "this band ends before it begins",
                    b.span,
                    "holds nothing",
                ));
            }
        }
        if let (Some(first), Some(last)) = (bands.first(), bands.last()) {
            if value(&first.lower.0).is_some_and(|l| l > Exact::ZERO) {
                let d = Diagnostic::warning(
                    "C021",
                    "no band holds a total of 0",
                    first.span,
                    "the first band begins above",
                )
                .note("nothing is owed below it");
                self.say(d);
            }
            if let Some((u, _)) = &last.upper {
                let top = value(u).map_or_else(|| "its bound".to_owned(), |n| self.figure_text(u, n));
                let d = Diagnostic::warning(
                    "C021",
                    format!("no band holds a total above {top}"),
                    last.span,
                    "the last band ends",
                )
                .note("nothing more is owed above it");
                self.say(d);
            }
        } else {
            self.say(Diagnostic::error("C021", "tiers without a band", span, "no band holds any total"));
        }
    }

    fn figure_text(&self, e: &Expr, n: Exact) -> String {
        match e.ty {
            Type::Money(c, _) => crate::eval::show(&self.deal.symbols, &Value::Money(n, c)),
            _ => n.to_string(),
        }
    }

    /// Two expressions of one type, or of kinds of number that compare.
    pub(super) fn same_type(&mut self, a: &Expr, b: &Expr) {
        let numbers = |t: Type| matches!(t, Type::Int | Type::Decimal(None) | Type::Percent);
        let same = a.ty == b.ty
            || (numbers(a.ty) && numbers(b.ty))
            || matches!((a.ty, b.ty), (Type::Decimal(_), Type::Int) | (Type::Int, Type::Decimal(_)));
        if !same {
            let d =
                Diagnostic::error("T065", "these two are counted in different measures", b.span, "this one")
                    .label(a.span, "and this one");
            self.say(d);
        }
    }
}
