//! Where a world may tell it otherwise than the page, and why.

use super::account::Account;
use super::stage::World;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A difference that is allowed.
#[derive(Debug)]
pub struct Difference {
    world: World,
    /// The script, or all of them.
    script: Option<&'static str>,
    /// The voices that end like this.
    voice: &'static str,
    says: Says,
    #[expect(dead_code, reason = "whoever reads the table or a failure wants to know")]
    why: &'static str,
}

/// What a voice says there.
#[derive(Debug)]
enum Says {
    /// Nothing at all.
    Nothing,
    /// Some of what it says in the page, in the same order.
    Less,
}

/// All of them.
pub const ALL: &[Difference] = &[
    Difference {
        world: World::ThisComputer,
        script: Some("nobody_listens"),
        voice: "a's socket is",
        says: Says::Nothing,
        why: "packets are captured for the ports that are served and no others, and this one is nobody's; the kernel \
              has answered before it could be asked",
    },
    Difference {
        world: World::Unseen,
        script: None,
        voice: " is",
        says: Says::Less,
        why: "without packets a state is known only by asking the kernel, and most last microseconds",
    },
];

/// The rows of a world, with their numbers.
pub fn of(world: World) -> impl Iterator<Item = (usize, &'static Difference)> {
    ALL.iter().enumerate().filter(move |(_, difference)| difference.world == world)
}

/// What came of a comparison.
pub enum Verdict {
    /// The same, but for these rows.
    Agrees(BTreeSet<usize>),
    /// Not the same: what the page says and what is said there.
    Differs(String),
}

/// Compares an account with the page's.
pub fn judge(world: World, script: &str, page: &Account, there: &Account) -> Verdict {
    let mut met = BTreeSet::new();
    let mut how = String::new();
    let voices: BTreeSet<_> = page.0.keys().chain(there.0.keys()).collect();
    let silence = Vec::new();
    for voice in voices {
        let said = |account: &Account| account.0.get(voice).unwrap_or(&silence).clone();
        let (page, there) = (said(page), said(there));
        if page == there {
            continue;
        }
        let allowed = of(world).find(|(_, difference)| {
            difference.script.is_none_or(|only| only == script)
                && voice.ends_with(difference.voice)
                && match difference.says {
                    Says::Nothing => there.is_empty(),
                    Says::Less => is_part(&there, &page),
                }
        });
        match allowed {
            Some((row, _)) => drop(met.insert(row)),
            None => {
                let lines = |said: &[String]| said.join("\n    ");
                let _ = write!(how, "  {voice}, in the page:\n    {}\n  there:\n    {}\n", lines(&page), lines(&there));
            }
        }
    }
    if how.is_empty() { Verdict::Agrees(met) } else { Verdict::Differs(how) }
}

/// Whether `part` is `whole` with some lines left out.
fn is_part(part: &[String], whole: &[String]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|line| whole.any(|other| other == line))
}
