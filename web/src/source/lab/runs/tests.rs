use super::*;
use protocol::command::ClientAction;
use protocol::program::{ClientSpec, Target};
use protocol::wire::{Filter, Matches, Verdict, WireAction};
use protocol::{Bytes, ProgramId};

fn runs() -> Runs {
    Runs::new(Boot(7), Making { seed: 7, options: lab::LabOptions::default() })
}

fn wait(runs: &mut Runs, millis: u64) -> Stop {
    runs.advance(runs.now().after(Nanos::from_millis(millis)), &mut || false)
}

fn connected(runs: &mut Runs) -> ProgramId {
    let server = runs.run().lab().servers()[0].id;
    let Ok(Reply::Opened(client)) = runs.perform(Command::Open(ClientSpec::new(Target::Server(server)))) else {
        panic!("it was refused")
    };
    tell(runs, client, ClientAction::Connect);
    assert_eq!(wait(runs, 1_000), Stop::Reached);
    client
}

fn tell(runs: &mut Runs, client: ProgramId, action: ClientAction) {
    runs.perform(Command::Client { client, action }).expect("it is accepted");
}

fn say(runs: &mut Runs, client: ProgramId, text: &str) {
    tell(runs, client, ClientAction::Send { data: Bytes::from(text.as_bytes()), repeat: 1 });
}

#[test]
fn the_past_is_shown_from_the_record_and_goes_on_to_the_present() {
    let mut runs = runs();
    let client = connected(&mut runs);
    say(&mut runs, client, "hello");
    wait(&mut runs, 1_000);
    let (key, all) = runs.shown();
    assert!(all > 40 && runs.due().is_none(), "{all} events");
    runs.to(all / 2);
    let (same, half) = runs.shown();
    assert!(runs.is_past() && same == key && half >= all / 2 && half < all);
    // A step is one moment, and the record says when the next one is.
    let due = runs.due().unwrap();
    assert!(runs.step());
    assert_eq!(runs.now(), due);
    while runs.is_past() {
        assert!(runs.step());
    }
    assert_eq!(runs.shown(), (key, all));
    // By itself too.
    runs.to(1);
    assert_eq!(wait(&mut runs, 10_000), Stop::Reached);
    assert_eq!(runs.shown(), (key, all));
    assert_eq!(runs.list().len(), 1);
}

#[test]
fn a_step_shows_one_moment_and_acting_between_two_begins_no_run() {
    let mut runs = runs();
    let client = connected(&mut runs);
    say(&mut runs, client, "hello");
    let (mut before, mut steps) = (runs.shown().1, 0);
    while runs.step() {
        let now = runs.shown().1;
        let moment = runs.run().events()[before].at;
        assert!(runs.run().events()[before..now].iter().all(|event| event.at == moment), "one moment");
        assert!(!runs.is_past());
        (before, steps) = (now, steps + 1);
        if steps == 3 {
            say(&mut runs, client, "more");
            before = runs.shown().1;
        }
    }
    assert!(steps > 10, "{steps} steps");
    assert_eq!(runs.list().len(), 1);
}

#[test]
fn whoever_acts_in_the_past_begins_another_run_and_the_old_future_stays() {
    let mut runs = runs();
    let client = connected(&mut runs);
    let before = runs.shown().1;
    say(&mut runs, client, "hello");
    wait(&mut runs, 1_000);
    let first: Vec<Event> = runs.run().events().to_vec();
    runs.to(before);
    let at = runs.now();
    assert_eq!(runs.perform(Command::Client { client: ProgramId(999), action: ClientAction::Connect }).ok(), None);
    assert_eq!(runs.list().len(), 1, "what is refused begins nothing");
    say(&mut runs, client, "other");
    wait(&mut runs, 1_000);
    let list = runs.list();
    assert_eq!(list.len(), 2);
    assert_eq!((list[1].from, list[1].shown, list[0].shown), (Some((1, at)), true, false));
    let forked = runs.run().events();
    assert_eq!(forked[..before], first[..before], "the same past, event by event");
    assert_ne!(forked[before..], first[before..]);
    runs.show(1);
    assert_eq!(runs.run().events(), first);
    assert_eq!(runs.shown().1, first.len());
}

#[test]
fn a_caught_packet_stops_time_and_what_was_dropped_comes_again() {
    let mut runs = runs();
    let client = connected(&mut runs);
    let filter = Filter { way: None, what: Matches::DataSegment, nth: 1 };
    runs.perform(Command::Wire(WireAction::Catch(Some(filter)))).unwrap();
    say(&mut runs, client, "hello");
    assert_eq!(wait(&mut runs, 1_000), Stop::Caught);
    let caught = runs.run().events().iter().rev().find_map(|event| match &event.kind {
        Kind::Packet(packet) if is_caught(event) => Some(packet.id),
        _ => None,
    });
    runs.perform(Command::Wire(WireAction::Decide(caught.unwrap(), Verdict::Drop))).unwrap();
    assert!(runs.to_packet());
    assert_eq!(wait(&mut runs, 5_000), Stop::Reached);
    let sent = runs.run().events().iter().filter(
        |event| matches!(&event.kind, Kind::Packet(packet) if packet.stage == Stage::Sent && packet.true_len == 45),
    );
    assert!(sent.count() >= 2, "it was sent again");
}

#[test]
fn a_clear_empties_the_run_and_the_past_begins_there() {
    let mut runs = runs();
    let client = connected(&mut runs);
    let (key, before) = runs.shown();
    runs.perform(Command::World(WorldAction::Clear)).unwrap();
    let (cleared, few) = runs.shown();
    assert!(key != cleared && few < before);
    wait(&mut runs, 1_000);
    assert_eq!(runs.run().events()[0].seq.0, 1);
    say(&mut runs, client, "hello");
    wait(&mut runs, 1_000);
    runs.to(few);
    say(&mut runs, client, "other");
    wait(&mut runs, 1_000);
    let forked = runs.run().events().to_vec();
    runs.show(1);
    assert_eq!(forked[..few], runs.run().events()[..few]);
    assert_eq!(forked.len(), runs.run().events().len());
}

#[test]
fn much_to_do_is_done_in_pieces_that_make_no_difference() {
    let story = |tired: bool| {
        let mut runs = runs();
        let client = connected(&mut runs);
        say(&mut runs, client, &"0123456789".repeat(2_000));
        let to = Nanos::from_millis(60_000);
        let mut pieces = 1;
        while runs.advance(to, &mut || tired) == Stop::Tired {
            pieces += 1;
        }
        (runs.run().events().to_vec(), pieces)
    };
    let (whole, one) = story(false);
    let (cut, many) = story(true);
    assert_eq!(whole, cut);
    assert!(one == 1 && many > 10, "{many} pieces");
}

#[test]
fn only_so_many_runs_are_kept() {
    let mut runs = runs();
    for seed in 0..20 {
        runs.anew(Making { seed, ..runs.run().making() });
    }
    assert_eq!(runs.list().len(), MOST);
    assert_eq!(runs.list()[MOST - 1].number, 21);
}
