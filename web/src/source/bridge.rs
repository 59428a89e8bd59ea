//! The bridge over a WebSocket.
