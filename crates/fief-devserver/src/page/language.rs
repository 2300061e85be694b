//! The language of the pages.

use super::french;

/// A language that the pages speak.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Language {
    English,
    French,
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::French];

    /// The language of that tag (RFC 5646); regions make no difference.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary.trim()))
    }

    /// What a header `Accept-Language` (RFC 9110, section 12.5.4) likes best of what there is.
    pub(crate) fn accepted(header: &str) -> Option<Self> {
        let weighed = header.split(',').filter_map(|range| {
            let (tag, parameter) = range.split_once(';').unwrap_or((range, ""));
            let weight = parameter.trim().strip_prefix("q=");
            let weight = weight.map_or(Some(1.0), |weight| weight.trim().parse::<f32>().ok())?;
            (weight > 0.0).then_some((Self::of_tag(tag)?, weight))
        });
        // Of equals the first.
        let best = weighed.reduce(|best, other| if other.1 > best.1 { other } else { best });
        best.map(|(language, _)| language)
    }

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// What it calls itself.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
        }
    }

    /// A sentence in this language, or as it is where it has not been translated.
    pub(crate) fn say(self, english: &str) -> &str {
        match self {
            Self::English => english,
            Self::French => french::of(english).unwrap_or(english),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Language::{self, English, French};
    use crate::page::french;

    #[test]
    fn tags_and_headers_are_read() {
        for (header, expected) in [
            ("fr", Some(French)),
            ("fr-CA, en;q=0.8", Some(French)),
            ("de, en-GB;q=0.7, fr;q=0.3", Some(English)),
            ("en;q=0.1,fr;q=0.9", Some(French)),
            ("fr;q=0, en", Some(English)),
            ("fr;q=x", None),
            ("de", None),
            ("", None),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
        assert_eq!(Language::of_tag("fr_FR"), Some(French));
        assert_eq!(Language::of_tag("frr"), None);
    }

    #[test]
    fn templates_are_translated() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        let mut sentences = 0;
        for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
            if file.is_dir() {
                continue;
            }
            let template = fs::read_to_string(&file).unwrap();
            for said in template.split(".say").skip(1) {
                // What is said here by a variable comes from a table or from an endpoint.
                let Some(said) = said.trim_start_matches("_of").strip_prefix("(\"") else {
                    continue;
                };
                let sentence = said.split('"').next().unwrap();
                assert!(french::of(sentence).is_some(), "not in French: {sentence}");
                sentences += 1;
            }
        }
        assert!(sentences > 20, "{sentences}");
    }
}
