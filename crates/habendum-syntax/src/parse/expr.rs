//! Expressions. Data flow: the grammar's levels (or, and, not, comparison, sum, product, sign) -> one tree.
//! Invariant: chains fold to the left; `and` and `or` of one level are one node with two or more operands.

use super::Rule;
use super::build::{Build, Every as _, Kids, P, Parts as _, words};
use super::literal::{duration_unit, period_word, sum_of};
use super::trap;
use crate::ast::{BinaryOp, CompareOp, DatePart, Expr, Scale, SumWhat, Window};
use crate::span::{Sp, Span};

impl Build<'_> {
    /// Any expression: rule `expr`.
    pub(super) fn expr(&self, pair: P<'_>) -> Option<Sp<Expr>> {
        let span = self.span(&pair);
        let text = pair.as_str();
        let mut mixed = Vec::new();
        let mut operands = Vec::new();
        for conjunct in pair.parts().filter(|p| p.as_rule() == Rule::conjunct) {
            let parts: Vec<P<'_>> = conjunct
                .parts()
                .filter(|p| matches!(p.as_rule(), Rule::negation | Rule::trap_and_or))
                .collect();
            for trapped in parts.iter().filter(|p| p.as_rule() == Rule::trap_and_or) {
                self.report(trap::and_or(self.span(trapped)));
            }
            let parts: Vec<P<'_>> = parts.into_iter().filter(|p| p.as_rule() == Rule::negation).collect();
            mixed.push(parts.iter().map(|p| p.as_str().trim().to_owned()).collect::<Vec<_>>());
            let nodes = parts.into_iter().map(|p| self.negation(p)).every()?;
            operands.push(join(nodes, Expr::And)?);
        }
        if mixed.len() > 1 && mixed.iter().any(|m| m.len() > 1) && !text.contains("and/or") {
            self.report(trap::and_beside_or(span, &mixed));
        }
        join(operands, Expr::Or)
    }

    fn negation(&self, pair: P<'_>) -> Option<Sp<Expr>> {
        let end = self.span(&pair);
        let mut kids = Kids::of(pair);
        let nots: Vec<Span> = kids.take_all(Rule::kw_not).iter().map(|p| self.span(p)).collect();
        let inner = self.comparison(kids.take(Rule::comparison)?)?;
        Some(
            nots.into_iter().rev().fold(inner, |inner, not| Sp::new(Expr::Not(Box::new(inner)), not.to(end))),
        )
    }

    fn comparison(&self, pair: P<'_>) -> Option<Sp<Expr>> {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let left = self.sum(kids.take(Rule::sum)?)?;
        let Some(test) = kids.take(Rule::test) else { return Some(left) };
        let value = Box::new(left);
        let test = test.parts().next()?;
        let rule = test.as_rule();
        let place = self.span(&test);
        let mut parts = Kids::of(test);
        if rule == Rule::trap_symbol {
            let symbol = parts.take(Rule::comparison_symbol)?;
            let (op, report) = trap::symbol(symbol.as_str(), self.span(&symbol));
            self.report(report);
            let right = self.sum(parts.take(Rule::sum)?)?;
            return Some(Sp::new(Expr::Compare(op, value, Box::new(right)), span.to(place)));
        }
        let negated = parts.has(Rule::kw_not);
        let node = match rule {
            Rule::t_one_of => {
                let set = parts.take_all(Rule::sum).into_iter().map(|p| self.sum(p)).every()?;
                Expr::OneOf { value, set, negated }
            }
            Rule::t_in => Expr::In { value, register: self.name(parts.take(Rule::ident)?), negated },
            // `is not a party` is `is a stranger`, and the other way round.
            Rule::t_a_party => Expr::IsParty { value, party: !negated },
            Rule::t_a_stranger => Expr::IsParty { value, party: negated },
            Rule::t_stated => Expr::Stated { value, negated },
            _ => {
                let op = match rule {
                    Rule::t_at_least => CompareOp::AtLeast,
                    Rule::t_more_than => CompareOp::MoreThan,
                    Rule::t_up_to => CompareOp::UpTo,
                    Rule::t_less_than => CompareOp::LessThan,
                    Rule::t_not => CompareOp::IsNot,
                    Rule::t_is => CompareOp::Is,
                    _ => return None,
                };
                Expr::Compare(op, value, Box::new(self.sum(parts.take(Rule::sum)?)?))
            }
        };
        Some(Sp::new(node, span))
    }

    /// Arithmetic without comparison: rule `sum`.
    pub(super) fn sum(&self, pair: P<'_>) -> Option<Sp<Expr>> {
        self.chain(pair, Rule::sum_op, |build, p| build.chain(p, Rule::product_op, |build, p| build.unary(p)))
    }

    /// Folds `operand (op operand)*` to the left.
    fn chain(
        &self,
        pair: P<'_>,
        op: Rule,
        operand: impl Fn(&Self, P<'_>) -> Option<Sp<Expr>>,
    ) -> Option<Sp<Expr>> {
        let mut kids = Kids::of(pair);
        let mut left = operand(self, kids.any()?)?;
        while let Some(sign) = kids.take(op) {
            let op = match sign.as_str().trim_end() {
                "+" => BinaryOp::Add,
                "-" => BinaryOp::Sub,
                "*" => BinaryOp::Mul,
                "/" => BinaryOp::Div,
                _ => BinaryOp::Of,
            };
            let right = operand(self, kids.any()?)?;
            let span = left.span.to(right.span);
            left = Sp::new(Expr::Binary(op, Box::new(left), Box::new(right)), span);
        }
        Some(left)
    }

    fn unary(&self, pair: P<'_>) -> Option<Sp<Expr>> {
        let whole = self.span(&pair);
        let mut kids = Kids::of(pair);
        let signs: Vec<Span> = kids.take_all(Rule::minus).iter().map(|p| self.span(p)).collect();
        let inner = self.primary(kids.take(Rule::primary)?)?;
        Some(
            signs
                .into_iter()
                .rev()
                .fold(inner, |inner, sign| Sp::new(Expr::Neg(Box::new(inner)), sign.to(whole))),
        )
    }

    fn primary(&self, pair: P<'_>) -> Option<Sp<Expr>> {
        let span = self.span(&pair);
        let inner = pair.parts().next()?;
        let rule = inner.as_rule();
        if rule == Rule::bracketed {
            // Brackets leave no node: the tree says how it groups, and the printer sets what is needed.
            let bracketed = self.expr(inner.parts().next()?)?;
            return Some(Sp::new(bracketed.node, span));
        }
        let node = match rule {
            Rule::conditional | Rule::greater | Rule::lesser => self.choice(inner)?,
            Rule::between | Rule::date_part | Rule::duration_lit => self.time(inner)?,
            Rule::sum_expr => self.sum_expr(inner)?,
            Rule::occurred => {
                let what = inner.parts().next()?;
                Expr::Occurred(match what.as_rule() {
                    Rule::inner_event => self.event_ref(what)?,
                    _ => plain_event(self.name(what)),
                })
            }
            Rule::instant_lit => Expr::Instant(self.instant(&inner)?),
            Rule::date_lit => Expr::Date(self.date(&inner)?.node),
            Rule::percent => Expr::Percent(digits(&inner.parts().next()?)),
            Rule::money | Rule::quantity => self.figure(inner)?,
            Rule::number_lit => Expr::Number(digits(&inner)),
            Rule::string => Expr::Text(self.string(inner).node),
            Rule::boolean => Expr::Bool(words(&inner) == "true"),
            Rule::lookup => {
                let mut kids = Kids::of(inner);
                let table = self.name(kids.take(Rule::ident)?);
                let key = Box::new(self.expr(kids.take(Rule::expr)?)?);
                Expr::Lookup { table, key, column: kids.take(Rule::ident).map(|p| self.name(p)) }
            }
            Rule::dotted => {
                let mut kids = Kids::of(inner);
                let base = self.name(kids.take(Rule::ident)?);
                Expr::Dotted(base, self.name(kids.take(Rule::ident)?))
            }
            Rule::name => Expr::Name(words(&inner)),
            _ => return None,
        };
        Some(Sp::new(node, span))
    }

    fn choice(&self, pair: P<'_>) -> Option<Expr> {
        let rule = pair.as_rule();
        let mut parts = pair.parts().map(|p| self.expr(p)).every()?;
        if rule == Rule::conditional {
            let (otherwise, then, condition) = (parts.pop()?, parts.pop()?, parts.pop()?);
            return Some(Expr::If(Box::new(condition), Box::new(then), Box::new(otherwise)));
        }
        Some(if rule == Rule::greater { Expr::Greater(parts) } else { Expr::Lesser(parts) })
    }

    fn time(&self, pair: P<'_>) -> Option<Expr> {
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair.clone());
        Some(match rule {
            Rule::between => {
                let started = words(&kids.take(Rule::begun)?) == "started";
                let unit = duration_unit(&kids.take(Rule::duration_unit)?)?;
                let from = Box::new(self.unary(kids.take(Rule::unary)?)?);
                Expr::Between { started, unit, from, to: Box::new(self.unary(kids.take(Rule::unary)?)?) }
            }
            Rule::date_part => {
                let part = match words(&kids.take(Rule::date_part_word)?).as_str() {
                    "year" => DatePart::Year,
                    "month" => DatePart::Month,
                    _ => DatePart::Day,
                };
                Expr::DatePart(part, Box::new(self.unary(kids.take(Rule::unary)?)?))
            }
            Rule::duration_lit => Expr::Duration(self.duration(pair)?.node),
            _ => return None,
        })
    }

    /// Money or a quantity.
    fn figure(&self, pair: P<'_>) -> Option<Expr> {
        let money = pair.as_rule() == Rule::money;
        let mut kids = Kids::of(pair.clone());
        // Money is an amount and, for a price, its unit; a quantity has all in one.
        let mut figure = if money { Kids::of(kids.take(Rule::coins)?) } else { Kids::of(pair) };
        let number = digits(&figure.take(Rule::decimal)?);
        let scale = figure.take(Rule::scale).map(|scale| match words(&scale).as_str() {
            "thousand" => Scale::Thousand,
            "million" => Scale::Million,
            _ => Scale::Billion,
        });
        if money {
            let currency = words(&figure.take(Rule::currency)?);
            return Some(Expr::Money {
                number,
                scale,
                currency,
                per: kids.take(Rule::ident).map(|p| self.name(p)),
            });
        }
        Some(Expr::Quantity { number, scale, unit: self.name(figure.take(Rule::ident)?) })
    }

    /// A running sum: rule `sum_expr`.
    pub(super) fn sum_expr(&self, pair: P<'_>) -> Option<Expr> {
        let mut kids = Kids::of(pair);
        let what = kids.any()?;
        let what = match what.as_rule() {
            Rule::s_total => SumWhat::Total(self.name(what.parts().next()?)),
            Rule::s_count => {
                let event = what.parts().next()?;
                SumWhat::Count(match event.as_rule() {
                    Rule::inner_event => self.event_ref(event)?,
                    _ => plain_event(self.name(event)),
                })
            }
            Rule::s_payment => {
                let mut kids = Kids::of(what);
                let state = sum_of(&kids.take(Rule::sum_of)?)?;
                SumWhat::Payment(state, self.name(kids.take(Rule::ident)?))
            }
            Rule::s_breaches => SumWhat::Breaches(self.name(what.parts().next()?)),
            _ => return None,
        };
        let window = kids.take(Rule::window)?;
        let span = self.span(&window);
        let window = self.window(window.parts().next()?)?;
        Some(Expr::Sum { what, window: Box::new(Sp::new(window, span)) })
    }

    fn window(&self, pair: P<'_>) -> Option<Window> {
        let rule = pair.as_rule();
        let inner = pair.parts().next();
        Some(match rule {
            Rule::win_this => Window::This(period_word(&inner?)?),
            Rule::win_last => Window::Last(period_word(&inner?)?),
            Rule::win_trailing => Window::Trailing(self.duration(inner?)?.node),
            Rule::win_total => Window::InTotal,
            Rule::win_term => Window::OfTheTerm,
            Rule::win_since => Window::Since(self.date_expr(inner?)?),
            _ => return None,
        })
    }
}

fn plain_event(event: crate::ast::Name) -> crate::ast::EventRef {
    crate::ast::EventRef { event, same: Vec::new(), guard: None }
}

/// A number without its underscores.
fn digits(pair: &P<'_>) -> String {
    pair.as_str().chars().filter(|c| c.is_ascii_digit() || *c == '.').collect()
}

/// One operand alone, or a node of several. Bracketed operands of the same kind stay nodes of their own.
fn join(mut operands: Vec<Sp<Expr>>, node: fn(Vec<Sp<Expr>>) -> Expr) -> Option<Sp<Expr>> {
    if operands.len() == 1 {
        return operands.pop();
    }
    let span = operands.first()?.span.to(operands.last()?.span);
    Some(Sp::new(node(operands), span))
}
