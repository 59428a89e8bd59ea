//! The table, read from top to bottom, is the story.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::model::story::tell::three_in_one;
use expect_test::expect;

#[test]
fn read_from_top_to_bottom_it_is_the_story() {
    let story = three_in_one().story();
    let (rows, earlier, later) = rows(&story, Filter::default(), None, 100, story.latest());
    assert_eq!((earlier, later), (0, 0));
    let line = |row: &Row| format!("{} | {} | {:?} | {:?}\n", wording::moment(row.at), row.who, row.what, row.result);
    expect![[r#"
        0.00 ms | TCP echo server | Code("socket(AF_INET, SOCK_STREAM)") | Some(Code("fd 3"))
        0.00 ms | TCP echo server | Code("bind(127.0.0.1:8808)") | Some(Code("0"))
        0.00 ms | TCP echo server | Code("listen(5)") | Some(Code("0"))
        1.00 ms | client 1 | Code("socket(AF_INET, SOCK_STREAM)") | Some(Code("fd 9"))
        1.02 ms | TCP echo server | Code("accept()") | None
        1.10 ms | client 1 | Code("connect(127.0.0.1:8808)") | None
        1.15 ms | TCP echo server | Both(Code("127.0.0.1:41022"), Queued) | Some(Seats { taken: 1, seats: 6 })
        1.15 ms | client 1 | Code("ESTABLISHED") | Some(Code("127.0.0.1:41022"))
        1.16 ms | client 1 | Code("connect(127.0.0.1:8808)") | Some(Code("0"))
        1.20 ms | TCP echo server | Code("accept()") | Some(Code("conn :41022"))
        1.20 ms | TCP echo server | Code("ESTABLISHED") | Some(Code("127.0.0.1:8808"))
        2.00 ms | client 1 | Code("send(3)") | Some(Code("3 A"))
        5.00 ms | client 1 | Code("send(3)") | Some(Code("3 B"))
        9.00 ms | client 1 | Code("send(5)") | Some(Code("5 C"))
        9.03 ms | client 1 | Code("recv(1024)") | None
        20.00 ms | TCP echo server | Code("recv(1024)") | Some(Code("11 A B C"))
        20.02 ms | TCP echo server | Code("send(11)") | Some(Code("11 A′ B′ C′"))
        20.09 ms | client 1 | Code("recv(1024)") | Some(Both(Code("11 A′ B′ C′"), Waited(Nanos(11060000))))
    "#]]
    .assert_eq(&rows.iter().map(line).collect::<String>());
}

#[test]
fn only_so_many_rows_are_made() {
    let story = three_in_one().story();
    let (rows, earlier, _) = rows(&story, Filter::default(), None, 5, story.latest());
    assert_eq!(rows.len(), 5);
    assert!(earlier > 0);
}

mod accounts;
