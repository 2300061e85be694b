//! What is sent back.

/// A page that nobody keeps, frames, or is told about.
pub(super) fn html(status: u16, reason: &str, page: &str) -> Vec<u8> {
    let length = page.len();
    format!(
        "HTTP/1.1 {status} {reason}\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Length: {length}\r\n\
         Connection: close\r\n\
         Cache-Control: no-store\r\n\
         Cross-Origin-Resource-Policy: same-origin\r\n\
         Referrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\n\
         X-Frame-Options: DENY\r\n\
         \r\n\
         {page}"
    )
    .into_bytes()
}
