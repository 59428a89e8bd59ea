//! The messages sent before, for the arrow keys.

/// How many messages are remembered.
const MOST: usize = 100;

/// The messages sent so far, and where the arrow keys are among them.
#[derive(Debug, Default)]
pub struct History {
    sent: Vec<String>,
    at: usize,
}

impl History {
    /// Remembers a message; one sent before moves to the end.
    pub fn push(&mut self, message: String) {
        self.sent.retain(|old| *old != message);
        self.sent.push(message);
        if self.sent.len() > MOST {
            self.sent.remove(0);
        }
        self.at = self.sent.len();
    }

    /// The one before; `None` at the first.
    pub fn earlier(&mut self) -> Option<&str> {
        self.at = self.at.checked_sub(1)?;
        self.sent.get(self.at).map(String::as_str)
    }

    /// The one after; empty after the last.
    pub fn later(&mut self) -> &str {
        self.at = (self.at + 1).min(self.sent.len());
        self.sent.get(self.at).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::History;

    #[test]
    fn goes_back_and_forth() {
        let mut history = History::default();
        assert_eq!(history.earlier(), None);
        ["a", "b", "a"].iter().for_each(|message| history.push((*message).into()));
        assert_eq!(history.earlier(), Some("a"));
        assert_eq!(history.earlier(), Some("b"));
        assert_eq!(history.earlier(), None, "a message sent twice is there once");
        assert_eq!(history.later(), "a");
        assert_eq!(history.later(), "");
    }
}
