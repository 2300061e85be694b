//! Email addresses, by the rules of the Python library `email-validator`, in its words.

use std::collections::BTreeSet;

/// The address as it is kept: its host in lower case and decoded. Or what is wrong with it.
pub(crate) fn normalized(text: &str) -> Result<String, String> {
    if text.chars().count() > 2048 {
        return Err("Length must not exceed 2048 characters".to_owned());
    }
    let text = without_name(text.trim()).trim();
    if text.contains('<') && !text.starts_with('"') {
        return Err(broken_bracket(text).to_owned());
    }
    let (local, domain) = split(text).ok_or("An email address must have an @-sign.")?;
    let is_quoted = local.starts_with('"');
    check_local(local, is_quoted)?;
    if is_quoted {
        return Err("Quoting the part before the @-sign is not allowed here.".to_owned());
    }
    let (domain, ascii) = check_domain(domain)?;
    let address = format!("{}@{domain}", case_of(local));
    too_long(&address, 254, "The email address is too long")?;
    too_long(&format!("{local}@{ascii}"), 254, "The email address is too long")?;
    Ok(address)
}

/// The address in `Anne <anne@bretagne.duchy>`.
fn without_name(text: &str) -> &str {
    let bracketed = || {
        let (name, rest) = text.split_once('<')?;
        let name = name.trim();
        let quoted = name.len() > 2 && name.starts_with('"') && name.ends_with('"');
        let is_plain = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~ \t".contains(c);
        (quoted || name.chars().all(is_plain)).then_some(())?;
        rest.strip_suffix('>').filter(|address| !address.is_empty())
    };
    bracketed().unwrap_or(text)
}

fn broken_bracket(text: &str) -> &'static str {
    if !text.contains('>') {
        "An open angle bracket at the start of the email address has to be followed by a close angle bracket at the end."
    } else if text.ends_with('>') {
        "A display name and angle brackets around the email address are not permitted here."
    } else {
        "There can't be anything after the email address."
    }
}

/// At the first `@` outside of quotes.
fn split(text: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut escaped) = (false, false);
    let at = text.char_indices().find(|(_, c)| {
        match c {
            '"' if !escaped => quoted = !quoted,
            '@' if !quoted => return true,
            _ => {}
        }
        escaped = quoted && *c == '\\' && !escaped;
        false
    });
    let (local, domain) = text.split_at(at?.0);
    Some((local, domain.strip_prefix('@').unwrap_or(domain)))
}

fn check_local(local: &str, is_quoted: bool) -> Result<(), String> {
    if local.is_empty() {
        return Err("There must be something before the @-sign.".to_owned());
    }
    too_long_chars(local, 64, "The email address is too long before the @-sign")?;
    if is_quoted {
        return Ok(());
    }
    let is_good =
        |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c) || !c.is_ascii();
    bad_characters(
        local,
        is_good,
        "The email address contains invalid characters before the @-sign",
    )?;
    if local.ends_with('.') {
        let message = "An email address cannot have a period immediately before the @-sign.";
        return Err(message.to_owned());
    }
    if local.starts_with('.') {
        return Err("An email address cannot start with a period.".to_owned());
    }
    two_periods(local)?;
    check_unsafe(local)
}

/// The domain as it is shown, and as it goes over the wire.
fn check_domain(domain: &str) -> Result<(String, String), String> {
    if domain.is_empty() {
        return Err("There must be something after the @-sign.".to_owned());
    }
    if domain.starts_with('[') && domain.ends_with(']') {
        return Err("A bracketed IP address after the @-sign is not allowed here.".to_owned());
    }
    let is_good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || !c.is_ascii();
    bad_characters(domain, is_good, "The part after the @-sign contains invalid characters")?;
    check_unsafe(domain)?;
    // Stops in other scripts count as periods, which the checks below are about.
    let dotted = domain.replace(['\u{3002}', '\u{ff0e}', '\u{ff61}'], ".");
    check_periods_and_hyphens(&dotted)?;
    let ascii = idna::domain_to_ascii(&dotted)
        .map_err(|_| "The part after the @-sign is invalid.".to_owned())?;
    too_long(&ascii, 253, "The email address is too long after the @-sign")?;
    let message = "After the @-sign, periods cannot be separated by so many characters";
    for label in ascii.split('.') {
        too_long(label, 63, message)?;
    }
    if !ascii.contains('.') {
        let message = "The part after the @-sign is not valid. It should have a period.";
        return Err(message.to_owned());
    }
    if !ascii.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(
            "The part after the @-sign is not valid. It is not within a valid top-level domain."
                .to_owned(),
        );
    }
    let special = ["arpa", "invalid", "local", "localhost", "onion", "test"];
    if ascii.rsplit('.').next().is_some_and(|last| special.contains(&last)) {
        return Err("The part after the @-sign is a special-use or reserved name that cannot be used with email.".to_owned());
    }
    let (shown, _) = idna::domain_to_unicode(&ascii);
    Ok((shown, ascii))
}

fn check_periods_and_hyphens(domain: &str) -> Result<(), String> {
    let found = if domain.ends_with('.') {
        "An email address cannot end with a period."
    } else if domain.starts_with('.') {
        "An email address cannot have a period immediately after the @-sign."
    } else if domain.contains("..") {
        return two_periods(domain);
    } else if domain.ends_with('-') {
        "An email address cannot end with a hyphen."
    } else if domain.starts_with('-') {
        "An email address cannot have a hyphen immediately after the @-sign."
    } else if domain.contains(".-") || domain.contains("-.") {
        "An email address cannot have a period and a hyphen next to each other."
    } else if domain.split('.').any(is_reserved) {
        "An email address cannot have two letters followed by two dashes immediately after the @-sign or after a period, except Punycode."
    } else {
        return Ok(());
    };
    Err(found.to_owned())
}

/// RFC 5890, section 2.3.1.
fn is_reserved(label: &str) -> bool {
    label.get(2..4) == Some("--")
        && !label.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("xn"))
}

fn two_periods(part: &str) -> Result<(), String> {
    if part.contains("..") {
        return Err("An email address cannot have two periods in a row.".to_owned());
    }
    Ok(())
}

fn bad_characters(part: &str, is_good: impl Fn(char) -> bool, message: &str) -> Result<(), String> {
    let bad: BTreeSet<_> = part.chars().filter(|c| !is_good(*c)).map(shown).collect();
    if bad.is_empty() {
        return Ok(());
    }
    Err(format!("{message}: {}.", bad.into_iter().collect::<Vec<_>>().join(", ")))
}

/// Characters that nobody sees.
fn check_unsafe(part: &str) -> Result<(), String> {
    let is_good = |c: char| {
        let is_invisible = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        !(c.is_control() || c.is_whitespace() || is_invisible)
    };
    bad_characters(part, is_good, "The email address contains unsafe characters")
}

fn shown(c: char) -> String {
    match c {
        ' ' => "SPACE".to_owned(),
        '\\' => "\"\\\"".to_owned(),
        '\'' => "\"'\"".to_owned(),
        c if c.is_control() || (!c.is_ascii() && !c.is_alphanumeric()) => {
            format!("U+{:04X}", u32::from(c))
        }
        c => format!("'{c}'"),
    }
}

fn too_long_chars(part: &str, limit: usize, message: &str) -> Result<(), String> {
    excess(part.chars().count(), limit, message)
}

fn too_long(part: &str, limit: usize, message: &str) -> Result<(), String> {
    excess(part.len(), limit, message)
}

fn excess(length: usize, limit: usize, message: &str) -> Result<(), String> {
    match length.saturating_sub(limit) {
        0 => Ok(()),
        1 => Err(format!("{message} (1 character too many).")),
        more => Err(format!("{message} ({more} characters too many).")),
    }
}

/// The mailboxes of RFC 2142 are the same in any case.
fn case_of(local: &str) -> String {
    let lower = local.to_ascii_lowercase();
    let known = [
        "info",
        "marketing",
        "sales",
        "support",
        "abuse",
        "noc",
        "security",
        "postmaster",
        "hostmaster",
        "usenet",
        "news",
        "webmaster",
        "www",
        "uucp",
        "ftp",
    ];
    if known.contains(&lower.as_str()) { lower } else { local.to_owned() }
}
