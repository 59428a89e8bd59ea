//! What was measured beside what must be reached.

/// What must be reached, and what would be better still.
#[derive(Clone, Copy)]
pub enum Goal {
    /// No more than.
    AtMost(f64, f64),
    /// No less than.
    AtLeast(f64, f64),
    /// It is only told.
    None,
}

impl Goal {
    /// It is only told.
    pub const NONE: Self = Self::None;

    /// No more than `first`, then no more than `stretch`.
    pub fn at_most(first: f64, stretch: f64) -> Self {
        Self::AtMost(first, stretch)
    }

    /// No less than `first`, then no less than `stretch`.
    pub fn at_least(first: f64, stretch: f64) -> Self {
        Self::AtLeast(first, stretch)
    }

    fn verdict(self, figure: f64) -> String {
        let (first, stretch, reached, better) = match self {
            Self::AtMost(first, stretch) => (first, stretch, figure <= first, figure <= stretch),
            Self::AtLeast(first, stretch) => (first, stretch, figure >= first, figure >= stretch),
            Self::None => return String::new(),
        };
        let word = if better {
            "reached, and the stretch"
        } else if reached {
            "reached"
        } else {
            "NOT reached"
        };
        format!("{first:>6} then {stretch:<5} {word}")
    }
}

/// Rows of figures.
#[derive(Default)]
pub struct Table(Vec<(String, Option<f64>, Goal)>);

impl Table {
    /// A ratio.
    pub fn ratio(&mut self, what: &str, figure: Option<f64>, goal: Goal) {
        self.0.push((what.to_owned(), figure, goal));
    }

    /// A figure with a bound.
    pub fn upper(&mut self, what: &str, figure: Option<f64>, goal: Goal) {
        self.ratio(what, figure, goal);
    }

    /// A figure that is only told.
    pub fn plain(&mut self, what: &str, figure: Option<f64>) {
        self.ratio(what, figure, Goal::NONE);
    }

    /// Prints it.
    pub fn print(&self) {
        println!("{:<44} {:>9}   goal", "what", "figure");
        for (what, figure, goal) in &self.0 {
            match figure {
                Some(figure) => println!("{what:<44} {figure:>9.2}   {}", goal.verdict(*figure)),
                None => println!("{what:<44} {:>9}   not measured here", "–"),
            }
        }
    }
}
