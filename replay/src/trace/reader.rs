//! Reading a trace, event by event.

use super::{Head, MOST_EVENTS, VERSION, check};
use crate::fault::{Fault, What};
use crate::json::{Cursor, Next};
use crate::schema::Schema;
use crate::transcode;
use protocol::{Codec, Event, Gap, Seq};
use serde::de::DeserializeOwned;

/// The most gaps: more is no trace of ours.
const MOST_GAPS: usize = 10_000;

/// Reads a trace.
#[derive(Debug)]
pub struct Reader {
    text: Vec<u8>,
    at: usize,
    schema: Schema,
    head: Head,
    gaps: Vec<Gap>,
    part: Part,
    number: u64,
    last: Seq,
    postcard: Vec<u8>,
}

/// Where it is in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Between two fields.
    Fields,
    /// Inside the events; whether one was read.
    Events(bool),
    /// Behind everything.
    End,
}

impl Reader {
    /// Begins to read: the version, and what stands before the events.
    ///
    /// # Errors
    /// It is no trace, or of another version.
    pub fn open(text: Vec<u8>) -> Result<Self, Fault> {
        let mut reader = Self {
            text,
            at: 0,
            schema: Schema::new(),
            head: Head::default(),
            gaps: Vec::new(),
            part: Part::Fields,
            number: 0,
            last: Seq(0),
            postcard: Vec::new(),
        };
        let begun = reader.begin();
        begun.map_err(|fault| fault.in_text(&reader.text))?;
        Ok(reader)
    }

    /// The next event; `None` behind the last.
    ///
    /// # Errors
    /// What is wrong, and where. Events before that are good.
    pub fn next_event(&mut self) -> Result<Option<Event>, Fault> {
        let read = self.event();
        read.map_err(|fault| {
            // Whatever follows cannot be trusted.
            self.part = Part::End;
            fault.in_text(&self.text)
        })
    }

    /// What it says about itself, as far as it was read.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What is missing between the events, as far as it was read.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// How far it is: bytes read, of so many.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.at, self.text.len())
    }

    fn begin(&mut self) -> Result<(), Fault> {
        let mut cursor = Cursor::new(&self.text, 0);
        cursor.expect(b'{', "a trace in JSON")?;
        cursor.peek();
        let start = cursor.at();
        if cursor.name()? != "socketscope" {
            return Err(Fault::new(start, What::Strange));
        }
        cursor.peek();
        let start = cursor.at();
        match cursor.number()? {
            (false, VERSION) => {}
            (_, found) => return Err(Fault::new(start, What::Version { found })),
        }
        self.at = cursor.at();
        self.fields()
    }

    /// Reads fields up to the events, or to the end.
    fn fields(&mut self) -> Result<(), Fault> {
        loop {
            let mut cursor = Cursor::new(&self.text, self.at);
            if cursor.item(false, b'}')? == Next::End {
                if cursor.peek().is_some() {
                    return Err(cursor.fault(What::Expected("the end of the file")));
                }
                (self.at, self.part) = (cursor.at(), Part::End);
                return Ok(());
            }
            let name = cursor.name()?;
            match name.as_str() {
                "about" => {
                    self.at = cursor.at();
                    let start = self.at;
                    self.head = self.value("Head")?;
                    check::head(&self.head).map_err(|what| Fault::new(start, what))?;
                }
                "events" if self.number > 0 => return Err(cursor.fault(What::Twice("events"))),
                "events" => {
                    cursor.expect(b'[', "`[`")?;
                    (self.at, self.part) = (cursor.at(), Part::Events(false));
                    return Ok(());
                }
                "gaps" => {
                    cursor.expect(b'[', "`[`")?;
                    self.at = cursor.at();
                    self.read_gaps()?;
                }
                _ => {
                    cursor.skip()?;
                    self.at = cursor.at();
                }
            }
        }
    }

    fn read_gaps(&mut self) -> Result<(), Fault> {
        self.gaps.clear();
        loop {
            let mut cursor = Cursor::new(&self.text, self.at);
            let next = cursor.item(self.gaps.is_empty(), b']')?;
            cursor.peek();
            let start = cursor.at();
            self.at = start;
            if next == Next::End {
                return Ok(());
            }
            if self.gaps.len() >= MOST_GAPS {
                return Err(Fault::new(start, What::TooMany { most: MOST_GAPS as u64 }));
            }
            let gap = self.value("Gap")?;
            check::gap(&gap).map_err(|what| Fault::new(start, what))?;
            self.gaps.push(gap);
        }
    }

    fn event(&mut self) -> Result<Option<Event>, Fault> {
        let Part::Events(follows) = self.part else { return Ok(None) };
        let mut cursor = Cursor::new(&self.text, self.at);
        let next = cursor.item(!follows, b']')?;
        cursor.peek();
        let start = cursor.at();
        self.at = start;
        if next == Next::End {
            self.part = Part::Fields;
            self.fields()?;
            return Ok(None);
        }
        let number = self.number + 1;
        if number > MOST_EVENTS {
            return Err(Fault::new(start, What::TooMany { most: MOST_EVENTS }));
        }
        let event: Event = self.value("Event").map_err(|fault| fault.within(number))?;
        let checked = if event.seq > self.last { check::event(&event) } else { Err(What::Order) };
        checked.map_err(|what| Fault::new(start, what).within(number))?;
        (self.number, self.last, self.part) = (number, event.seq, Part::Events(true));
        Ok(Some(event))
    }

    /// Reads the value that stands here.
    fn value<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, Fault> {
        let mut cursor = Cursor::new(&self.text, self.at);
        self.postcard.clear();
        transcode::read(&self.schema, self.schema.named(name), &mut cursor, &mut self.postcard)?;
        self.at = cursor.at();
        // What has the shape of the description has that of the type: a test holds them against each other.
        let value = Codec::Postcard.decode(&self.postcard);
        value.map_err(|_| Fault::new(self.at, What::Unknown(name.into())))
    }
}
