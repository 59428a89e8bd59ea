//! A place in a story as the fragment of an address: what is chosen, whom one follows, in which world and language.

use protocol::capability::WorldKind;
use protocol::{ProgramId, Seq};

/// The place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The story it is a place of; numbers mean nothing in another.
    pub story: Option<String>,
    /// The mark that is chosen.
    pub mark: Option<Seq>,
    /// The first mark in sight, where one has scrolled away from the newest.
    pub top: Option<Seq>,
    /// The client that is followed.
    pub client: Option<ProgramId>,
    /// The world.
    pub world: Option<WorldKind>,
    /// The language.
    pub lang: Option<String>,
    /// Whether events are shown as a table.
    pub table: bool,
}

/// What worlds are called in a fragment.
const WORLDS: [(WorldKind, &str); 4] = [
    (WorldKind::ThisComputer, "this-computer"),
    (WorldKind::TwoHosts, "two-hosts"),
    (WorldKind::InThisPage, "in-this-page"),
    (WorldKind::Replay, "replay"),
];

impl Link {
    /// The fragment, without its `#`.
    #[must_use]
    pub fn fragment(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut put = |name: &str, value: &str| parts.push([name, "=", value].concat());
        self.story.iter().for_each(|story| put("story", story));
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let numbers = [
            ("mark", number(self.mark.map(|mark| mark.0))),
            ("top", number(self.top.map(|mark| mark.0))),
            ("client", number(self.client.map(|client| client.0.into()))),
        ];
        numbers.iter().for_each(|(name, value)| value.iter().for_each(|value| put(name, value)));
        let world = WORLDS.iter().find(|(kind, _)| Some(*kind) == self.world);
        world.into_iter().for_each(|(_, name)| put("world", name));
        self.lang.iter().for_each(|lang| put("lang", lang));
        if self.table {
            put("view", "table");
        }
        parts.join("&")
    }

    /// Reads a fragment, with or without its `#`; what it does not know it leaves out. `None` if there is nothing.
    #[must_use]
    pub fn read(fragment: &str) -> Option<Self> {
        let mut link = Self::default();
        for (name, value) in fragment.trim_start_matches('#').split('&').filter_map(|part| part.split_once('=')) {
            match name {
                "story" => link.story = Some(value.to_owned()),
                "mark" => link.mark = value.parse().ok().map(Seq),
                "top" => link.top = value.parse().ok().map(Seq),
                "client" => link.client = value.parse().ok().map(ProgramId),
                "world" => link.world = WORLDS.iter().find(|(_, known)| *known == value).map(|(kind, _)| *kind),
                "lang" => link.lang = Some(value.to_owned()),
                "view" => link.table = value == "table",
                _ => {}
            }
        }
        (link != Self::default()).then_some(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_comes_back_as_it_was() {
        let link = Link {
            story: Some("0a0b-3".into()),
            mark: Some(Seq(17)),
            top: None,
            client: Some(ProgramId(5)),
            world: Some(WorldKind::TwoHosts),
            lang: Some("zh-CN".into()),
            table: true,
        };
        let fragment = link.fragment();
        assert_eq!(fragment, "story=0a0b-3&mark=17&client=5&world=two-hosts&lang=zh-CN&view=table");
        assert_eq!(Link::read(&["#", &fragment].concat()), Some(link));
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        assert_eq!(Link::read(""), None);
        assert_eq!(Link::read("#dark"), None);
        assert_eq!(Link::read("mark=<b>&client=-1&world=moon&view=x"), None);
        assert_eq!(Link::read("mark=7&mark=&top=9").map(|link| (link.mark, link.top)), Some((None, Some(Seq(9)))));
    }
}
