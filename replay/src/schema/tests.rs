//! The description says what the types say.

use super::{Schema, TEXT};
use crate::trace::Head;
use expect_test::expect_file;
use protocol::{Event, Gap};
use serde_reflection::{ContainerFormat, Format, Named, Registry, Tracer, TracerConfig, VariantFormat};
use std::fmt::Write;

/// Kept by hand at the top of the file.
const PREFACE: &str = "\
# What a .socketscope trace holds, type by type: `Event`s between a `Head` and `Gap`s.
# `?` may be null or left out, `[ ]` a list, `( )` a list of exactly these, `{ }` an object.
# A name alone is one of what is indented below it: \"Closed\", or with contents {\"State\":{\"from\":null,\"to\":\"Listen\"}}.
# In JSON `bytes` are hexadecimal digits, `boot` is 32 of them, `inet` is a text such as \"127.0.0.1:8808\".
# A test holds this against the types; to write it anew: UPDATE_EXPECT=1 cargo test -p socketscope-replay schema
";

#[test]
fn the_description_is_that_of_the_types() {
    let mut tracer = Tracer::new(TracerConfig::default());
    macro_rules! trace {
        ($($name:ty),* $(,)?) => { $(tracer.trace_simple_type::<$name>().expect(stringify!($name));)* };
    }
    trace!(Event, Head, Gap);
    // Enums inside of others are seen whole only when they are asked for.
    trace!(
        protocol::Address,
        protocol::Arg,
        protocol::Cause,
        protocol::ClientAction,
        protocol::Command,
        protocol::Direction,
        protocol::DropReason,
        protocol::Errno,
        protocol::Family,
        protocol::GapReason,
        protocol::GaugeKey,
        protocol::Hold,
        protocol::How,
        protocol::Kind,
        protocol::LoopRule,
        protocol::NoteId,
        protocol::Op,
        protocol::Outcome,
        protocol::Owner,
        protocol::Phase,
        protocol::Place,
        protocol::Role,
        protocol::ServerAction,
        protocol::Setting,
        protocol::SocketOption,
        protocol::Span,
        protocol::Stage,
        protocol::Tap,
        protocol::Target,
        protocol::TcpMode,
        protocol::TcpState,
        protocol::TimerKind,
        protocol::Transport,
        protocol::WorldAction,
        protocol::WorldKind,
        protocol::wire::Matches,
        protocol::wire::Verdict,
        protocol::wire::Way,
        protocol::wire::WireAction,
        std::net::SocketAddr,
    );
    let registry = tracer.registry().expect("every enum is listed above");
    expect_file!["../schema.txt"].assert_eq(&describe(&registry));
}

#[test]
fn the_description_is_understood() {
    let schema = Schema::parse(TEXT);
    assert_eq!(schema.names.len(), schema.shapes.len());
    for name in ["Event", "Head", "Gap"] {
        assert!(matches!(schema.named(name), super::Shape::Fields(fields) if fields.len() > 2), "{name}");
    }
}

fn describe(registry: &Registry) -> String {
    let mut text = PREFACE.to_owned();
    for (name, container) in registry {
        // Written in a way of its own.
        if name.starts_with("SocketAddr") {
            continue;
        }
        let shape = match container {
            ContainerFormat::Struct(fields) => format!("{name} {}", object(registry, fields)),
            ContainerFormat::TupleStruct(parts) => format!("{name} {}", tuple(registry, parts)),
            ContainerFormat::Enum(variants) => {
                let mut lines = name.clone();
                for variant in variants.values() {
                    let holds = match &variant.value {
                        VariantFormat::Unit => String::new(),
                        VariantFormat::NewType(inner) => format!(" {}", shape(registry, inner)),
                        VariantFormat::Tuple(parts) => format!(" {}", tuple(registry, parts)),
                        VariantFormat::Struct(fields) => format!(" {}", object(registry, fields)),
                        VariantFormat::Variable(_) => unreachable!("the registry is complete"),
                    };
                    write!(lines, "\n    {}{holds}", variant.name).expect("a String takes everything");
                }
                lines
            }
            // It is written as what it holds, wherever it stands.
            ContainerFormat::NewTypeStruct(_) | ContainerFormat::UnitStruct => continue,
        };
        write!(text, "\n{shape}\n").expect("a String takes everything");
    }
    text
}

fn object(registry: &Registry, fields: &[Named<Format>]) -> String {
    let fields = fields.iter().map(|field| format!("{} {}", field.name, shape(registry, &field.value)));
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
}

fn tuple(registry: &Registry, parts: &[Format]) -> String {
    format!("({})", parts.iter().map(|part| shape(registry, part)).collect::<Vec<_>>().join(", "))
}

fn shape(registry: &Registry, format: &Format) -> String {
    match format {
        Format::Bool => "bool".into(),
        Format::U8 => "u8".into(),
        Format::U16 => "u16".into(),
        Format::U32 => "u32".into(),
        Format::U64 => "u64".into(),
        Format::I32 => "i32".into(),
        // No other number of ours is so long.
        Format::U128 => "boot".into(),
        Format::Str => "text".into(),
        Format::Bytes => "bytes".into(),
        Format::Option(inner) => format!("{}?", shape(registry, inner)),
        Format::Seq(inner) => format!("[{}]", shape(registry, inner)),
        Format::Tuple(parts) => tuple(registry, parts),
        Format::TypeName(name) if name == "SocketAddr" => "inet".into(),
        Format::TypeName(name) => match &registry[name] {
            ContainerFormat::NewTypeStruct(inner) => shape(registry, inner),
            _ => name.clone(),
        },
        other => unreachable!("no type of ours is {other:?}"),
    }
}
