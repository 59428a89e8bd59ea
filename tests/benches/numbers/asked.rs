//! What is to be measured, and how often.

/// Rounds, each of every way once.
const ROUNDS: usize = 5;

/// The parts that can be asked for by name.
const PARTS: [&str; 10] = ["trips", "rate", "bulk", "calls", "memory", "start", "hosts", "page", "model", "browser"];

/// What is to be measured.
pub struct Asked {
    parts: Vec<String>,
    /// How often.
    pub rounds: usize,
}

impl Asked {
    /// What the words on the command line ask for: everything, if they name no part.
    ///
    /// # Errors
    /// What is wrong with them, for a person.
    pub fn read(words: &[String]) -> Result<Self, String> {
        let mut asked = Self { parts: Vec::new(), rounds: ROUNDS };
        for word in words {
            if let Some(rounds) = word.strip_prefix("--rounds=") {
                let rounds = rounds.parse().ok().filter(|rounds| *rounds > 0);
                asked.rounds = rounds.ok_or_else(|| format!("{word}: rounds are counted from 1 up"))?;
            } else if PARTS.contains(&word.as_str()) {
                asked.parts.push(word.clone());
            } else if word != "--bench" {
                // Cargo itself says `--bench`.
                return Err(format!("there is nothing to measure called {word}, only {}", PARTS.join(", ")));
            }
        }
        Ok(asked)
    }

    /// Whether this part is to be measured.
    pub fn wants(&self, part: &str) -> bool {
        assert!(PARTS.contains(&part), "{part} cannot be asked for");
        self.parts.is_empty() || self.parts.iter().any(|asked| asked == part)
    }

    /// The same, and says so if it is.
    pub fn begins(&self, part: &str, what: &str) -> bool {
        let wants = self.wants(part);
        if wants {
            eprintln!("  measuring {what} …");
        }
        wants
    }
}
