//! What the browser shows at the end. The terminal says why: a page never repeats anything of a
//! request.

/// For requests that are not the callback.
pub(crate) const NOT_FOUND: &str = "<!DOCTYPE html><title>Not found</title><p>Not found.";

/// The user is signed in.
pub(crate) fn success(program: &str) -> String {
    page(program, ["good", "✓", "You are signed in", "You can close this page."])
}

/// The user is not signed in.
pub(crate) fn error(program: &str) -> String {
    page(program, ["bad", "✕", "You are not signed in", "The terminal says why."])
}

fn page(program: &str, [mood, mark, heading, text]: [&str; 4]) -> String {
    let program = program.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    include_str!("pages/page.html")
        .replace("{mood}", mood)
        .replace("{mark}", mark)
        .replace("{heading}", heading)
        .replace("{text}", text)
        .replace("{program}", &program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_carry_the_name_of_the_program() {
        for page in [success("<castles> & {heading}"), error("<castles> & {heading}")] {
            assert!(page.contains("&lt;castles&gt; &amp; {heading}"), "{page}");
            let page = page.replace("{heading}", "");
            assert!(!page.contains("{program}") && !page.contains("{text}"), "{page}");
        }
    }
}
