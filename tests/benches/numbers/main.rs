//! The numbers of this machine against the numbers to reach.
//!
//! Every figure is a ratio to a reference measured in the same run, the median of several interleaved rounds: the
//! machine may be noisy, and then it is noisy for both. See [`pipe`] for what is compared, [`load`] for how it is
//! loaded, [`process`] for what the system counts, [`hosts`] for the wire, [`page`] for the stack in the page,
//! [`model`] for what the page makes of a long record, [`browser`] for what a person waits for, [`table`] for what must be reached.
//!
//! `cargo xtask bench -- rate start` measures only these parts, and `--rounds=20` more often.
#![allow(clippy::unwrap_used, reason = "a measurement that fails has no other use than to say so")]

mod asked;
mod browser;
#[cfg(target_os = "linux")]
mod hosts;
mod load;
mod model;
mod page;
mod pipe;
mod process;
mod table;

use asked::Asked;
use pipe::{Way, Ways};
use std::process::ExitCode;
use std::time::Duration;
use table::{Goal, Table};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--echo"] => {
            pipe::echo_server();
            return ExitCode::SUCCESS;
        }
        #[cfg(target_os = "linux")]
        ["--sink", address] => {
            hosts::sink(address);
            return ExitCode::SUCCESS;
        }
        #[cfg(target_os = "linux")]
        ["--pour", address] => {
            hosts::pour(address);
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    match Asked::read(&words) {
        Ok(asked) => {
            tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(measure(&asked));
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

async fn measure(asked: &Asked) {
    let mut table = Table::default();
    if ["trips", "rate", "bulk", "calls"].iter().any(|part| asked.wants(part)) {
        let ways = Ways::start().await;
        if asked.begins("trips", "round trips of 16 bytes, one at a time") {
            trips(&ways, asked.rounds, &mut table).await;
        }
        if asked.begins("rate", "round trips of 16 bytes, 64 connections") {
            rate(&ways, asked.rounds, &mut table).await;
        }
        if asked.begins("bulk", "bulk in chunks of 64 KiB") {
            bulk(&ways, asked.rounds, &mut table).await;
        }
        if asked.begins("calls", "system calls") {
            let calls = process::system_calls(&ways).await;
            table.upper("system calls per relayed round trip", calls, Goal::at_most(10.0, 9.0));
        }
    }
    if asked.begins("memory", "memory") {
        table.upper("KiB per idle relay connection", process::memory_each().await, Goal::at_most(24.0, 16.0));
    }
    if asked.begins("start", "start") {
        let mut starts = Vec::new();
        for _ in 0..asked.rounds.max(5) {
            starts.push(process::start().await);
        }
        table.upper("start to first echo, ms", load::median(&mut starts), Goal::at_most(10.0, 5.0));
    }
    #[cfg(target_os = "linux")]
    if asked.begins("hosts", "two hosts") {
        two_hosts(asked.rounds, &mut table).await;
    }
    if asked.begins("page", "the stack in the page") {
        page::measure(asked.rounds, &mut table);
    }
    if asked.begins("model", "a story of a million events") {
        model::measure(&mut table);
    }
    if asked.begins("browser", "a browser") {
        browser::measure(asked.rounds as u64 * 12, &mut table).await;
    }
    table.print();
}

async fn trips(ways: &Ways, rounds: usize, table: &mut Table) {
    let mut trips = ways.empty();
    for _ in 0..rounds {
        for way in ways.all() {
            trips.push(way, load::round_trip(ways, way, Duration::from_millis(500)).await);
        }
    }
    table.ratio("round trip, relay over direct", trips.over(Way::Relay, Way::Direct), Goal::at_most(1.6, 1.4));
    table.ratio("round trip, relay watched over direct", trips.over(Way::Watched, Way::Direct), Goal::NONE);
    table.ratio("round trip, session over direct", trips.over(Way::Session, Way::Direct), Goal::NONE);
    table.ratio("round trip, websocat over direct", trips.over(Way::Websocat, Way::Direct), Goal::NONE);
    table.plain("round trip, direct, µs", trips.median(Way::Direct).map(|seconds| seconds * 1e6));
}

async fn rate(ways: &Ways, rounds: usize, table: &mut Table) {
    let mut rates = ways.empty();
    for _ in 0..rounds {
        for way in [Way::Direct, Way::Relay, Way::Watched, Way::Websocat] {
            rates.push(way, load::rate(ways, way, 64, Duration::from_millis(1000)).await);
        }
    }
    table.ratio("rate at 64, relay over websocat", rates.over(Way::Relay, Way::Websocat), Goal::at_least(1.1, 1.25));
    table.ratio("rate at 64, relay over direct", rates.over(Way::Relay, Way::Direct), Goal::NONE);
    table.ratio("rate at 64, watched over unwatched", rates.over(Way::Watched, Way::Relay), Goal::at_least(0.85, 0.95));
    table.plain("rate at 64, relay, thousand a second", rates.median(Way::Relay).map(|rate| rate / 1e3));
}

async fn bulk(ways: &Ways, rounds: usize, table: &mut Table) {
    let mut bulk = ways.empty();
    for _ in 0..rounds {
        for way in [Way::Direct, Way::Relay, Way::Watched, Way::Websocat] {
            bulk.push(way, load::bulk(ways, way, 64 << 20).await);
        }
    }
    table.ratio("bulk, relay over websocat", bulk.over(Way::Relay, Way::Websocat), Goal::at_least(1.6, 2.0));
    table.ratio("bulk, relay over direct", bulk.over(Way::Relay, Way::Direct), Goal::NONE);
    table.plain("bulk, relay, MB a second", bulk.median(Way::Relay).map(|rate| rate / 1e6));
}

#[cfg(target_os = "linux")]
async fn two_hosts(rounds: usize, table: &mut Table) {
    for from in ["client", "server"] {
        let mut figures = Vec::new();
        for _ in 0..rounds.min(3) {
            figures.extend(hosts::throughput(from).await);
        }
        let what = format!("two hosts, from the {from}, Gbit/s");
        table.upper(&what, load::median(&mut figures), Goal::at_least(0.4, 0.8));
    }
    table.upper("two hosts, 20 ms of delay, ms", hosts::delay().await, Goal::at_most(21.0, 20.5));
    table.upper("two hosts, idle, % of one core", hosts::idle().await, Goal::at_most(0.5, 0.1));
}
