//! The words everyone in Socketscope speaks.

pub mod address;
pub mod bytes;
pub mod call;
pub mod capability;
pub mod codec;
pub mod command;
pub mod errno;
pub mod event;
pub mod gauge;
pub mod ids;
pub mod interest;
pub mod message;
pub mod note;
pub mod packet;
pub mod program;
pub mod state;
pub mod trace;
pub mod wire;

pub use address::{Address, Family, Transport};
pub use bytes::Bytes;
pub use call::{Call, Direction, Line, Op, Outcome, Phase, SocketOption, Span};
pub use capability::{Ability, Capability, Reason, Unavailable, WorldInfo, WorldKind};
pub use codec::Codec;
pub use command::{ClientAction, Command, Reply, ServerAction, WorldAction};
pub use errno::{Errno, SysError};
pub use event::{About, Cause, End, Event, How, Kind, Place, Provenance, Reads, TimerKind};
pub use gauge::GaugeKey;
pub use ids::*;
pub use interest::{Interest, KindSet};
pub use message::{Batch, Farewell, Gap, GapReason, Refusal, ServerInfo, SettingsInfo, ToBridge, ToPage, Welcome};
pub use note::{Arg, NoteId};
pub use packet::{DropReason, Hold, Packet, Stage, Tap};
pub use program::{ClientSpec, Holds, LoopRule, Owner, Role, ServerSettings, Setting, Target, TcpMode};
pub use state::TcpState;
pub use trace::Trace;
