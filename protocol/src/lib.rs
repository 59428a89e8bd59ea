//! The words everyone in Socketscope speaks: events, commands, messages, and how they are written.
//!
//! No I/O and no clock. Everything else depends on this crate, and this crate on nothing of ours.
//!
//! # Layout
//! - [`ids`]: who is who, and when. [`address`], [`errno`], [`state`], [`bytes`]: the field's plain nouns.
//! - [`event`]: what happened. A [`call`], a [`packet`], a state, a [`gauge`], a [`note`].
//! - [`command`]: what a person can do; [`program`] and [`wire`] say with what settings.
//! - [`capability`]: what a world can and cannot do, with reasons.
//! - [`message`]: what a page and the bridge say to each other; [`interest`] what a page wants to see; [`codec`] how
//!   it is written.
//! - [`trace`]: the bounded record that viewers read.
//! - [`tcp_end`]: the state of a TCP end, derived from its packets; [`state_tracker`] does so for all ends.
//! - [`script`]: what to do and what to wait for; [`witness`] decides whether it was seen.
//!
//! # Writing another client
//! Open a WebSocket at `/ws` with the subprotocol `socketscope.v1.json` (text messages) or `socketscope.v1.postcard`
//! (binary messages); without one of them the answer is 400. One message is one value of [`ToBridge`] or [`ToPage`].
//! Enums are written as serde writes them: `{"Variant": contents}`, or `"Variant"` alone without contents.
//!
//! A session in JSON, shortened (`>` to the bridge, `<` from it):
//!
//! ```text
//! > {"Hello":{"token":null,"resume":null,"interest":{"kinds":4294967295,"hosts":[],"programs":[],"data":4096,"budget":0}}}
//! < {"Welcome":{"version":"0.1.0","epoch":{"boot":"7f…","run":0},"now":81234567,"member":1,"token":"…","servers":[
//!     {"id":1,"transport":"Tcp","address":{"Inet":"127.0.0.1:8808"},…}],…}}
//! < {"Batch":{"epoch":{…},"after":0,"through":14,"events":[…]}}
//! > {"Do":{"number":1,"what":{"Open":{"target":{"Server":1},"recv_size":1024,"rule":"UntilLen","connected":true,"options":[]}}}}
//! < {"Answer":{"number":1,"id":{"by":1,"number":1},"result":{"Ok":{"Opened":5}}}}
//! > {"Do":{"number":2,"what":{"Client":{"client":5,"action":"Connect"}}}}
//! > {"Do":{"number":3,"what":{"Client":{"client":5,"action":{"Send":{"data":"68656c6c6f","repeat":1}}}}}}
//! < {"Batch":{…,"events":[{"seq":17,"at":95012345,…,"kind":{"Call":{"id":9,"phase":"Returned","op":{"Recv":{"max":1024}},
//!     "outcome":{"Bytes":5},"span":{"Stream":{"direction":"In","start":0,"len":5}},"data":"48454c4c4f",…}}}]}}
//! ```
//!
//! Rules a client can rely on:
//! - `Hello` comes first and once; `Welcome` answers it.
//! - Batches of one epoch join without a hole: the `after` of each is the `through` of the one before, always. An event
//!   inside `(after, through]` that is missing was not wanted, unless a [`Gap`] came right before the batch.
//! - A gap says which events of the next batch's span cannot be had: they fell out of the bounded record, were above the
//!   viewer's budget, or came while it did not read. Events that introduce or end hosts, programs, sockets and flows are
//!   told all the same: all of them in a part that is skipped, and of what fell out of the record the last introduction
//!   of everyone who lives. So what comes after a gap is never about strangers.
//! - Only batches move on: to resume, say `Hello` with the epoch and the last batch's `through`. If the bridge does not
//!   know the epoch it says [`ToPage::Reset`], and the story begins anew.
//! - A command is answered once, by its number, when it is accepted or refused. The answer names the command's
//!   [`CommandId`], which is unique among all sessions; what the command causes shows in later events whose cause is
//!   that id.
//! - All enums only grow at their ends; another version has another subprotocol.

pub mod address;
pub mod bytes;
pub mod call;
pub mod capability;
pub mod codec;
pub mod command;
pub mod errno;
pub mod event;
pub mod gauge;
pub mod header;
pub mod ids;
pub mod interest;
pub mod loop_rule;
pub mod message;
pub mod note;
pub mod packed;
pub mod packet;
pub mod program;
pub mod script;
pub mod state;
pub mod state_tracker;
pub mod tcp_end;
pub mod trace;
pub mod wire;
pub mod witness;

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
pub use packed::PackedBatch;
pub use packet::{DropReason, Hold, Packet, Stage, Tap};
pub use program::{ClientSpec, Holds, LoopRule, Owner, Role, ServerSettings, Setting, Target, TcpMode};
pub use state::TcpState;
pub use state_tracker::StateTracker;
pub use tcp_end::TcpEnd;
pub use trace::Trace;
pub use witness::Witness;
