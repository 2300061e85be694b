//! All known differences from the recordings of the real server.

/// Something that differs, and why.
pub struct Difference {
    /// Where it was found.
    pub cases: &'static [&'static str],
    /// The part of the answer that differs.
    pub what: &'static str,
    /// What differs, and why it is accepted, for people.
    #[allow(dead_code, reason = "it explains the others")]
    pub why: &'static str,
}

pub const DIFFERENCES: &[Difference] = &[
    Difference {
        cases: &["probes/profile.phone.14", "profile/error.wrong-timezone"],
        what: "status",
        why: "Phone numbers and time zones are checked for their form only: the numbering plans and \
              the time zone database are large tables that change every month.",
    },
    Difference {
        cases: &["probes/password.0"],
        what: "status",
        why: "The real server fails with 500 on an empty new password.",
    },
    Difference {
        cases: &["register/title-empty", "register/timezone-empty"],
        what: "status",
        why: "The real server fails with 500 where nothing is chosen and nothing has to be.",
    },
    Difference {
        cases: &["authorize/error.wrong-max-age"],
        what: "content-type",
        why: "Errors are pages for browsers, and JSON for programs.",
    },
    Difference {
        cases: &["probes/route.0", "probes/route.21"],
        what: "status",
        why: "`/` is a page that says what there is; the real server leads to `/login`.",
    },
    Difference {
        cases: &["probes/route.17", "probes/route.18", "probes/route.19"],
        what: "status",
        why: "There are no pages on which users change their profile, password and address, so that \
              a GET to these endpoints of the API is answered with 405, not with 400.",
    },
    Difference {
        cases: &["probes/route.69", "probes/route.70"],
        what: "status",
        why: "There is no page for forgotten passwords: those of tests are known.",
    },
    Difference {
        cases: &["probes/route.30"],
        what: "status",
        why: "A slash too much at the end of a path of several segments is answered with 404, not \
              with a redirect: no client sends it.",
    },
];
