//! Inputs of several parts: lines first, then the rest. So a seed can be read and written by hand,
//! and a fuzzer can change its parts.

/// The first line, and what follows it.
pub fn line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// So many lines, and what follows them.
pub fn lines<const N: usize>(text: &str) -> ([&str; N], &str) {
    let mut rest = text;
    let lines = std::array::from_fn(|_| {
        let (first, others) = line(rest);
        rest = others;
        first
    });
    (lines, rest)
}

/// An HTTP answer: a line with the status, lines of headers, an empty line, the body. An invalid
/// status becomes 200, and an invalid header is left out.
pub fn response(bytes: &[u8]) -> http::Response<Vec<u8>> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|line| http::StatusCode::from_bytes(line).ok());
    let mut response = http::Response::new(body.to_vec());
    *response.status_mut() = status.unwrap_or_default();
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = http::HeaderName::from_bytes(&line[..colon]);
        let value = http::HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
