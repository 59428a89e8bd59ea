//! The sizes of screens.

/// One of them.
pub struct Size {
    /// Its part of a picture's name.
    pub label: &'static str,
    /// CSS pixels.
    pub width: u32,
    /// CSS pixels.
    pub height: u32,
    /// Whether the page is in projector mode.
    pub projector: bool,
}

const fn size(label: &'static str, width: u32, height: u32) -> Size {
    Size { label, width, height, projector: false }
}

/// All of them.
pub const SIZES: [Size; 5] = [
    size("1440", 1440, 900),
    size("1920", 1920, 1080),
    size("390", 390, 844),
    Size { projector: true, ..size("projector", 1920, 1080) },
    size("4k", 3840, 2160),
];

impl Size {
    /// The name of a picture.
    pub fn name(&self, scene: &str, theme: &str, language: &str) -> String {
        format!("{scene}-{}-{theme}-{language}", self.label)
    }

    /// The names of all pictures of a scene in this size.
    pub fn names(&self, scene: &str) -> Vec<String> {
        let all = [("light", "en"), ("light", "zh"), ("dark", "en"), ("dark", "zh")];
        all.iter().map(|(theme, language)| self.name(scene, theme, language)).collect()
    }
}
