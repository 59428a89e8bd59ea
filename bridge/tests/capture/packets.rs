//! What the capture tells.

use crate::theatre::*;
use bridge::world::World;
use protocol::header::Carries;
use protocol::{ClientAction, Command, Event, Kind, Op, Packet, Phase, ServerAction, Transport};

#[tokio::test(flavor = "multi_thread")]
async fn hello_is_told_packet_by_packet() {
    let Some(stage) = Theatre::new().await else { return };
    for v6 in [false, true] {
        stage.recorder.begin_epoch();
        stage.world.tell_again();
        let hello = stage.hello(v6).await;
        check_hello(&stage.events(), &hello);
    }
    stage.world.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn datagrams_are_one_packet_each() {
    let Some(stage) = Theatre::new().await else { return };
    for (v6, header) in [(false, 28), (true, 48)] {
        let client = stage.client(Transport::Udp, v6);
        stage.tell(client, ClientAction::Connect);
        let data = vec![b'x'; 2_000];
        stage.tell(client, ClientAction::Send { data: data.into(), repeat: 1 });
        // The server's recv(1024) cuts it, and so is the answer.
        let expected = [2_000 + header, 1_024 + header];
        stage
            .until("a question and an answer", |events| {
                let packets = sent(events).into_iter().filter(|(.., summary, _)| summary.src.is_ipv6() == v6);
                let lengths: Vec<_> = packets.map(|(.., packet)| (packet.true_len, packet.data.len())).collect();
                let wanted: Vec<_> = expected.iter().map(|len| (*len, *len as usize)).collect();
                (lengths == wanted).then_some(())
            })
            .await;
    }
    let events = stage.events();
    let flows: Vec<_> = sent(&events).iter().map(|(_, flow, ..)| *flow).collect();
    assert!(flows[0].is_some() && flows[0] == flows[1] && flows[2] == flows[3] && flows[0] != flows[2], "{flows:?}");
    stage.world.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_icmp_error_belongs_to_what_it_is_about() {
    let Some(stage) = Theatre::new().await else { return };
    let client = stage.client(Transport::Udp, false);
    stage.tell(client, ClientAction::Connect);
    let server = stage.world.servers().into_iter().find(|server| server.transport == Transport::Udp).unwrap();
    stage.perform(Command::Server(ServerAction::Stop(server.id)));
    stage
        .until("the server's end", |events| {
            let gone = |event: &&Event| {
                let Kind::Call(call) = &event.kind else { return false };
                call.op == Op::Close && call.phase == Phase::Returned
            };
            events.iter().find(gone).map(drop)
        })
        .await;
    stage.tell(client, ClientAction::Send { data: "anybody?".into(), repeat: 1 });
    let (question, error) = stage
        .until("port unreachable", |events| {
            let all = sent(events);
            let of = |is_it: &dyn Fn(&Carries) -> bool| all.iter().find(|(_, _, header, _)| is_it(&header.carries));
            let question = of(&|carries| matches!(carries, Carries::Udp(_)))?.1;
            let error = of(&|carries| matches!(carries, Carries::Icmp(message) if message.kind == 3))?.1;
            Some((question, error))
        })
        .await;
    assert!(question.is_some() && question == error);
    stage.world.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_captured_while_nobody_watches() {
    let Some(mut stage) = Theatre::new().await else { return };
    stage.hello(false).await;
    stage.watching = None;
    let client = stage.client(Transport::Tcp, false);
    stage.tell(client, ClientAction::Connect);
    stage.tell(client, ClientAction::Send { data: "unseen".into(), repeat: 1 });
    stage.returned(client, |op| matches!(op, Op::Recv { .. })).await;
    stage.watching = Some(stage.recorder.watch());
    // Its packets are not told later either; those of the next one are.
    stage.tell(client, ClientAction::Send { data: "seen!!".into(), repeat: 1 });
    stage
        .until("packets again", |events| {
            sent(events).iter().find(|(.., packet)| packet.data.ends_with(b"SEEN!!")).map(drop)
        })
        .await;
    let unseen = |(.., packet): &(_, _, _, Packet)| packet.data.to_ascii_lowercase().ends_with(b"unseen");
    assert!(!sent(&stage.events()).iter().any(unseen));
    stage.world.shutdown().await;
}
