//! Why something happened: a chain of marks, each the cause of the one before it, as far as the story knows.
//!
//! Where the producer names a cause, that one counts. Everything else is worked out from what was seen: which packet
//! carried the bytes that a call returned, which acknowledgement let a packet be sent again, whose call it all began
//! with. Nothing here is guessed: where the story does not tell, the chain ends.

mod calls;
mod failures;
mod look;
mod packets;
mod reason;
mod resets;
mod states;
#[cfg(test)]
mod tests;
mod waits;

pub use reason::{Reason, Step};

use crate::model::story::{CallRecord, Story};
use look::Look;
use protocol::{Nanos, Outcome, Seq};

/// The longest chain.
const MOST: usize = 14;

/// The chain of reasons behind a mark, nearest first.
#[must_use]
pub fn chain(story: &Story, seq: Seq, now: Nanos) -> Vec<Step> {
    let look = Look { story, now };
    let mut steps: Vec<Step> = Vec::new();
    let mut seen = vec![(story.mark_of(seq), true)];
    let mut here = seen.first().copied();
    while let Some((at, by_return)) = here.take() {
        for step in look.steps(at, by_return) {
            if let Some(cause) = step.seq {
                let next = (cause, step.reason.by_return());
                // A circle would mean that something caused itself.
                if seen.contains(&next) {
                    continue;
                }
                seen.push(next);
                here = Some(next);
            }
            if steps.len() == MOST {
                return steps;
            }
            steps.push(step);
        }
    }
    steps
}

/// Why a call failed: the nearest reason. As [`chain`] begins, and alone much less code, which the first paint waits for.
#[must_use]
pub fn failure(story: &Story, call: &CallRecord, now: Nanos) -> Option<Step> {
    let (Some(returned), Some(Outcome::Failed(error))) = (call.returned, call.outcome.as_ref()) else { return None };
    let look = Look { story, now };
    let found = look.failed(call, returned, error.name).into_iter().next();
    found.or_else(|| look.ended_by(returned)).or_else(|| look.entered(call).into_iter().next())
}

/// The nearest cause of a mark that is a mark itself.
#[must_use]
pub fn cause(story: &Story, seq: Seq, now: Nanos) -> Option<Seq> {
    let mark = story.mark_of(seq);
    chain(story, seq, now).into_iter().find_map(|step| step.seq.filter(|cause| *cause != mark))
}
