//! The same story in every world: scripts are played in all of them, and what must agree is compared.
//!
//! The page's account of each script is kept in a file, to be read and to be compared with. The other worlds must give
//! the same account, but for the [differences](differences::ALL) that are listed with their reasons. A difference that
//! is not listed is a failure, and so is a listed one that is not met any more.

mod account;
mod differences;
mod page;
mod scripts;
mod stage;
mod words;

use differences::Verdict;
use expect_test::expect_file;
use stage::{Stage, World};
use std::collections::BTreeSet;

#[tokio::test]
async fn in_the_page() {
    for named in scripts::all() {
        let account = Stage::build(World::InThisPage).await.play(&named.script, |_| true).await;
        expect_file![format!("same_story/accounts/{}.txt", named.name)].assert_eq(&account.to_string());
    }
}

#[tokio::test]
async fn on_this_computer_without_its_packets() {
    same_as_in_the_page(World::Unseen).await;
}

#[tokio::test]
async fn on_this_computer_with_its_packets() {
    let stage = Stage::build(World::ThisComputer).await;
    if let Some(why) = stage.sees_no_packets() {
        eprintln!("packets are not seen here: {why}");
        return;
    }
    same_as_in_the_page(World::ThisComputer).await;
}

/// Two hosts are there on Linux only; what is missing for them is an error there.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn between_two_hosts() {
    same_as_in_the_page(World::TwoHosts).await;
}

async fn same_as_in_the_page(world: World) {
    let mut met = BTreeSet::new();
    let mut wrong = String::new();
    for named in scripts::all().into_iter().filter(|named| world.has_wire() || !named.needs_wire) {
        let page = Stage::build(World::InThisPage).await.play(&named.script, |_| true).await;
        let judge = |account: &account::Account| differences::judge(world, named.name, &page, account);
        let mut stage = Stage::build(world).await;
        let account = stage.play(&named.script, |account| matches!(judge(account), Verdict::Agrees(_))).await;
        match judge(&account) {
            Verdict::Agrees(rows) => met.extend(rows),
            Verdict::Differs(how) => wrong += &format!("{}\n{how}\nseen:\n{}\n", named.name, stage.seen()),
        }
    }
    assert!(wrong.is_empty(), "{world:?} tells another story than the page:\n{wrong}");
    let listed = differences::of(world);
    let gone: Vec<_> = listed.filter(|(row, _)| !met.contains(row)).map(|(_, difference)| difference).collect();
    assert!(gone.is_empty(), "these differences are listed and not met any more: {gone:#?}");
}
