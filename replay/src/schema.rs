//! The shape of what a trace holds, read from `schema.txt`.
//!
//! The page knows the events in postcard already; a second set of code for JSON would make it a tenth larger. So JSON is
//! turned into postcard and back by this description of the types, and a test holds it against the types themselves.

/// The description: what is written in a trace, for people and for [`Schema::parse`].
pub const TEXT: &str = include_str!("schema.txt");

/// The shape of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A whole number from 0, of so many bits.
    Count(u32),
    /// A whole number, 32 bits.
    Whole,
    /// A text.
    Text,
    /// Bytes, in JSON as hexadecimal digits.
    Bytes,
    /// A number of 128 bits, in JSON as 32 hexadecimal digits.
    Boot,
    /// An Internet address and port, in JSON as text.
    Inet,
    /// A value, or `null`.
    Maybe(Box<Shape>),
    /// Any number of values.
    List(Box<Shape>),
    /// These values, in JSON as a list.
    Tuple(Vec<Shape>),
    /// Named values.
    Fields(Vec<(&'static str, Shape)>),
    /// One of these: its name, or its name with what it holds.
    OneOf(Vec<(&'static str, Option<Shape>)>),
    /// A shape with a name, by its place in the schema.
    Named(usize),
}

/// All named shapes.
#[derive(Clone, Debug)]
pub struct Schema {
    names: Vec<&'static str>,
    shapes: Vec<Shape>,
}

impl Schema {
    /// Reads the description.
    ///
    /// # Panics
    /// Never: the description is ours, and tested.
    #[must_use]
    pub fn new() -> Self {
        Self::parse(TEXT)
    }

    /// A shape by its name.
    ///
    /// # Panics
    /// When the description has no such name: names are written in this crate.
    #[must_use]
    pub fn named(&self, name: &str) -> &Shape {
        let at = self.names.iter().position(|known| *known == name);
        at.and_then(|at| self.shapes.get(at)).expect("the description names it")
    }

    /// The shape itself, if this one is a name.
    #[must_use]
    pub fn resolve<'a>(&'a self, shape: &'a Shape) -> &'a Shape {
        if let Shape::Named(at) = shape { &self.shapes[*at] } else { shape }
    }

    /// Lines that begin with a name begin a shape; what is indented goes on with it.
    fn parse(text: &'static str) -> Self {
        let starts = |line: &&str| line.starts_with(|letter: char| letter.is_ascii_alphabetic());
        let names = text.lines().filter(starts).filter_map(|line| line.split(' ').next()).collect();
        let mut schema = Self { names, shapes: Vec::new() };
        let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).peekable();
        while let Some(line) = lines.next() {
            let mut tokens = Tokens(line);
            tokens.word();
            let shape = if tokens.0.is_empty() {
                let mut variants = Vec::new();
                while let Some(line) = lines.next_if(|line| line.starts_with(' ')) {
                    let mut tokens = Tokens(line);
                    let name = tokens.word();
                    let holds = (!tokens.0.is_empty()).then(|| schema.shape(&mut tokens));
                    variants.push((name, holds));
                }
                Shape::OneOf(variants)
            } else {
                schema.shape(&mut tokens)
            };
            schema.shapes.push(shape);
        }
        schema
    }

    fn shape(&self, tokens: &mut Tokens) -> Shape {
        let shape = match tokens.sign() {
            Some('[') => {
                let inner = self.shape(tokens);
                tokens.sign();
                Shape::List(Box::new(inner))
            }
            Some('(') => Shape::Tuple(tokens.until(')', |tokens| self.shape(tokens))),
            Some('{') => Shape::Fields(tokens.until('}', |tokens| (tokens.word(), self.shape(tokens)))),
            _ => match tokens.word() {
                "bool" => Shape::Bool,
                "u8" => Shape::Count(8),
                "u16" => Shape::Count(16),
                "u32" => Shape::Count(32),
                "u64" => Shape::Count(64),
                "i32" => Shape::Whole,
                "text" => Shape::Text,
                "bytes" => Shape::Bytes,
                "boot" => Shape::Boot,
                "inet" => Shape::Inet,
                name => {
                    let at = self.names.iter().position(|known| *known == name);
                    Shape::Named(at.expect("the description names only what it describes"))
                }
            },
        };
        if tokens.takes('?') { Shape::Maybe(Box::new(shape)) } else { shape }
    }
}

/// What is left of a line.
struct Tokens(&'static str);

impl Tokens {
    fn word(&mut self) -> &'static str {
        let text = self.0.trim_start();
        let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.0 = rest.trim_start();
        word
    }

    /// The next sign that opens or closes something.
    fn sign(&mut self) -> Option<char> {
        let sign = self.0.chars().next().filter(|sign| "[](){}".contains(*sign));
        if sign.is_some() {
            self.0 = self.0[1..].trim_start();
        }
        sign
    }

    fn takes(&mut self, sign: char) -> bool {
        let rest = self.0.strip_prefix(sign);
        self.0 = rest.unwrap_or(self.0).trim_start();
        rest.is_some()
    }

    fn until<T>(&mut self, close: char, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        while !self.takes(close) && !self.0.is_empty() {
            items.push(item(self));
            self.takes(',');
        }
        items
    }
}

#[cfg(test)]
mod tests;
