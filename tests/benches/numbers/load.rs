//! How a way is loaded.

use crate::pipe::{Way, Ways};
use std::time::{Duration, Instant};

/// What is sent.
const MESSAGE: &[u8; 16] = b"sixteen bytes ok";

/// The median, if there are figures.
pub fn median(figures: &mut [f64]) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// The median round trip on one connection, seconds.
pub async fn round_trip(ways: &Ways, way: Way, time: Duration) -> Option<f64> {
    let mut pipe = ways.open(way).await?;
    for _ in 0..50 {
        pipe.round_trip(MESSAGE).await;
    }
    let mut trips = Vec::new();
    let began = Instant::now();
    while began.elapsed() < time {
        let sent = Instant::now();
        pipe.round_trip(MESSAGE).await;
        trips.push(sent.elapsed().as_secs_f64());
    }
    median(&mut trips)
}

/// Round trips a second on so many connections at once.
pub async fn rate(ways: &Ways, way: Way, connections: usize, time: Duration) -> Option<f64> {
    let mut pipes = Vec::new();
    for _ in 0..connections {
        pipes.push(ways.open(way).await?);
    }
    let began = Instant::now();
    let tasks: Vec<_> = pipes
        .into_iter()
        .map(|mut pipe| {
            tokio::spawn(async move {
                let mut trips = 0_u64;
                while began.elapsed() < time {
                    pipe.round_trip(MESSAGE).await;
                    trips += 1;
                }
                trips
            })
        })
        .collect();
    let mut trips = 0;
    for task in tasks {
        trips += task.await.unwrap();
    }
    Some(trips as f64 / began.elapsed().as_secs_f64())
}

/// Bytes a second there and back.
pub async fn bulk(ways: &Ways, way: Way, total: usize) -> Option<f64> {
    let pipe = ways.open(way).await?;
    let began = Instant::now();
    pipe.bulk(total).await;
    Some(total as f64 / began.elapsed().as_secs_f64())
}
