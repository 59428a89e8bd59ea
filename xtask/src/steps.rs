//! Progress: which step of how many, and how long each took.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// A list of steps being worked through, told on standard error.
pub struct Steps {
    total: usize,
    started: Instant,
    done: Vec<Done>,
}

struct Done {
    name: String,
    took: Duration,
    failure: Option<String>,
}

impl Steps {
    /// Starts the clock for `total` steps.
    pub fn new(total: usize) -> Self {
        Self { total, started: Instant::now(), done: Vec::new() }
    }

    /// Does the next step; its value, or its error with the step's name kept for the summary.
    pub fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let number = format!("[{}/{}]", self.done.len() + 1, self.total);
        eprintln!("{number} {name}");
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        let failure = result.as_ref().err().map(|error| format!("{error:#}"));
        match &failure {
            None => eprintln!("      {}", seconds(took)),
            Some(failure) => eprintln!("      FAILED after {}: {failure}", seconds(took)),
        }
        self.done.push(Done { name: name.to_owned(), took, failure });
        result
    }

    /// Prints one line for each step.
    ///
    /// # Errors
    /// When one of them failed; the message names them all.
    pub fn summary(self) -> Result<()> {
        eprintln!();
        for done in &self.done {
            let mark = if done.failure.is_some() { "FAILED" } else { "ok" };
            eprintln!("{mark:>6}  {:>8}  {}", seconds(done.took), done.name);
        }
        eprintln!("        {:>8}  in all", seconds(self.started.elapsed()));
        let failed: Vec<_> = self.done.iter().filter(|done| done.failure.is_some()).collect();
        if failed.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = failed.iter().map(|done| done.name.as_str()).collect();
        bail!("{} of {} steps failed: {}", failed.len(), self.done.len(), names.join(", "))
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::Steps;
    use anyhow::anyhow;

    #[test]
    fn the_summary_fails_if_one_step_did() {
        let mut steps = Steps::new(3);
        assert_eq!(steps.step("one", || Ok(1)).unwrap(), 1);
        assert!(steps.step("two", || Err::<(), _>(anyhow!("broken"))).is_err());
        steps.step("three", || Ok(())).unwrap();
        let error = steps.summary().unwrap_err().to_string();
        assert_eq!(error, "1 of 3 steps failed: two");
    }

    #[test]
    fn the_summary_succeeds_if_all_did() {
        let mut steps = Steps::new(1);
        steps.step("one", || Ok(())).unwrap();
        steps.summary().unwrap();
    }
}
