//! Aligned columns of plain text. Invariant: widths count characters, colours are added by the caller after padding.

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Figures.
    Right,
}

/// Rows under a header.
#[derive(Clone, Debug, Default)]
pub struct Table {
    header: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with the columns of a header.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        Table { header: columns.iter().map(|(n, a)| ((*n).to_owned(), *a)).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines of the table: the header first, then the rows, each indented by two spaces.
    /// A column that is empty in every row is left out.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let used: Vec<usize> = (0..self.header.len())
            .filter(|i| self.rows.iter().any(|r| r.get(*i).is_some_and(|c| !c.is_empty())))
            .collect();
        let header: Vec<String> = self.header.iter().map(|(n, _)| n.clone()).collect();
        let width = |i: usize| {
            std::iter::once(&header)
                .chain(&self.rows)
                .filter_map(|r| r.get(i))
                .map(|c| chars(c))
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = used.iter().map(|i| width(*i)).collect();
        std::iter::once(&header)
            .chain(&self.rows)
            .map(|row| {
                let mut line = String::from("  ");
                for (n, (i, w)) in used.iter().zip(&widths).enumerate() {
                    let cell = row.get(*i).map_or("", String::as_str);
                    let pad = " ".repeat(w.saturating_sub(chars(cell)));
                    if n > 0 {
                        line.push_str("  ");
                    }
                    match self.header.get(*i).map(|(_, a)| *a) {
                        Some(Align::Right) => line.extend([pad.as_str(), cell]),
                        Some(Align::Left) | None => line.extend([cell, pad.as_str()]),
                    }
                }
                line.trim_end().to_owned()
            })
            .collect()
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Text broken into lines of at most `width` characters at spaces.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && chars(&line) + 1 + chars(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Digits grouped by thousands.
#[must_use]
pub fn grouped(n: u64) -> String {
    group_digits(&n.to_string())
}

/// A decimal such as `-1234.50` as `-1,234.50`.
#[must_use]
pub fn group_digits(plain: &str) -> String {
    let (sign, body) = plain.strip_prefix('-').map_or(("", plain), |b| ("-", b));
    let (whole, rest) = match body.find('.') {
        Some(i) => body.split_at(i),
        None => (body, ""),
    };
    let mut out = String::from(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_under_each_other() {
        let mut t = Table::new(&[("clause", Align::Left), ("note", Align::Left), ("paid", Align::Right)]);
        t.row(vec!["a".into(), String::new(), "1.00".into()]);
        t.row(vec!["share-to-x".into(), String::new(), "12,345.00".into()]);
        assert_eq!(
            t.lines(),
            ["  clause           paid", "  a                1.00", "  share-to-x  12,345.00"]
        );
    }

    #[test]
    fn digits_are_grouped() {
        assert_eq!(group_digits("1234567.50"), "1,234,567.50");
        assert_eq!(group_digits("-999"), "-999");
        assert_eq!(grouped(1000), "1,000");
    }

    #[test]
    fn wraps_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    }
}
