//! All that is known to differ from the real server. `README.md` of the crate says the same; a
//! test sees to it.

/// Something that differs, and why.
pub struct Difference {
    /// Where it was found.
    pub cases: &'static [&'static str],
    /// The part of the answer that differs.
    pub what: &'static str,
    /// What differs, for people.
    pub summary: &'static str,
    /// Why it stays.
    pub reason: &'static str,
}

pub const DIFFERENCES: &[Difference] = &[
    Difference {
        cases: &["probes/profile.phone.14"],
        what: "status",
        summary: "Phone numbers are checked for their form only, not against the numbering plan of their country",
        reason: "the plans are a large table that changes every month",
    },
    Difference {
        cases: &["probes/email.75"],
        what: "body",
        summary: "A host name that is no good in an email address is refused without the reason in the words of Python's `idna`",
        reason: "these are the words of another library",
    },
    Difference {
        cases: &["probes/email.76"],
        what: "status",
        summary: "An email address may have a host name with symbols in it, such as an emoji",
        reason: "the library at hand follows the newer rules of browsers (UTS 46)",
    },
    Difference {
        cases: &["probes/email.59"],
        what: "body",
        summary: "A character that nobody sees is named by its number, not by its name, where an email address is refused for it",
        reason: "the table of names is large",
    },
    Difference {
        cases: &["probes/route.57"],
        what: "body",
        summary: "A URL with a bad host is refused by `/logout` in the words of a newer version of the same library",
        reason: "the words come from that library",
    },
    Difference {
        cases: &["probes/password.0", "probes/profile.birthdate.10"],
        what: "status",
        summary: "An empty new password and a date in the year 0 are refused as other bad input is (400 and 422); the real server fails with 500",
        reason: "a failure of the server is nothing to rely on",
    },
    Difference {
        cases: &["register/title-empty", "register/timezone-empty"],
        what: "status",
        summary: "A registration form in which nothing is chosen where nothing has to be is taken; the real server fails with 500",
        reason: "a failure of the server is nothing to rely on",
    },
    Difference {
        cases: &["probes/not-utf8.password.2", "probes/not-utf8.profile.2"],
        what: "status",
        summary: "JSON in UTF-16 is refused as bytes that are no text are",
        reason: "RFC 8259 asks for UTF-8",
    },
    Difference {
        cases: &["probes/route.0", "probes/route.21"],
        what: "status",
        summary: "`/` is a page that says who is signed in; the real server sends strangers on to `/login`",
        reason: "whoever opens it wants to see what this is",
    },
    Difference {
        cases: &["probes/route.17", "probes/route.18", "probes/route.19"],
        what: "status",
        summary: "There are no pages on which users change their profile, password and address, so that a GET to these endpoints of the API is answered with 405, not with 400",
        reason: "the API does all that they do",
    },
    Difference {
        cases: &["probes/route.69", "probes/route.70"],
        what: "status",
        summary: "There is no page for forgotten passwords",
        reason: "test passwords are known, and can be set anew by the API",
    },
    Difference {
        cases: &["probes/route.30"],
        what: "status",
        summary: "A slash too much at the end of a path of several segments is answered with 404, not with a redirect",
        reason: "no client sends it",
    },
];
