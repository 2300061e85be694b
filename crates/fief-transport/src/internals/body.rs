//! The body of a response: decoded as it comes, and never more of it than the limit allows.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use http::{HeaderMap, StatusCode, header};

use fief_proto::TransportError;

use super::{failure, wipe};

/// How much of an answer that is not 2xx is kept: enough for any error document.
const ERROR_BODY_LIMIT: usize = 8 * 1024;

/// Collects a body, and wipes what it drops. The limit counts decoded bytes, so that a small
/// compressed answer can't fill the memory.
///
/// The limits together bound the memory of a call, whatever the server sends: 6 MiB until an answer
/// is refused, and 32 MiB if it is the JSON of 1 MiB that takes the most memory once it is parsed.
/// The drivers' tests measure both.
pub struct Body {
    decoder: Decoder,
    /// A response without a body may still name an encoding.
    began: bool,
    /// How many encoded bytes may still come. Empty parts of a gzip stream decode to nothing, and
    /// could come for ever.
    encoded_left: usize,
}

/// How many bytes more than its content an encoding may take.
const ENCODING_OVERHEAD: usize = 64 * 1024;

enum Decoder {
    Gzip(Box<MultiGzDecoder<Capped>>),
    Plain(Capped),
}

impl Body {
    /// The body that these headers announce. They are made to describe what [`finish`] returns.
    ///
    /// [`finish`]: Self::finish
    ///
    /// # Errors
    ///
    /// If they name an encoding that was not asked for.
    pub fn new(
        status: StatusCode,
        headers: &mut HeaderMap,
        limit: usize,
        host: &str,
    ) -> Result<Self, TransportError> {
        // One byte more than the limit tells the core that there was more.
        let limit = if status.is_success() { limit.saturating_add(1) } else { ERROR_BODY_LIMIT };
        let capped = Capped { bytes: Vec::new(), limit };
        let decoder = if is_gzip(headers, host)? {
            headers.remove(header::CONTENT_ENCODING);
            headers.remove(header::CONTENT_LENGTH);
            Decoder::Gzip(Box::new(MultiGzDecoder::new(capped)))
        } else {
            Decoder::Plain(capped)
        };
        Ok(Self { decoder, began: false, encoded_left: limit.saturating_add(ENCODING_OVERHEAD) })
    }

    /// Adds the bytes that came. Returns `false` when the limit is reached: the driver then stops
    /// reading.
    ///
    /// # Errors
    ///
    /// If it can't be decoded.
    pub fn push(&mut self, bytes: &[u8], host: &str) -> Result<bool, TransportError> {
        self.began = true;
        self.encoded_left = self.encoded_left.saturating_sub(bytes.len());
        let written = match &mut self.decoder {
            Decoder::Gzip(decoder) => decoder.write_all(bytes),
            Decoder::Plain(capped) => capped.write_all(bytes),
        };
        match written {
            _ if self.decoder.capped().is_full() => Ok(false),
            Ok(()) if self.encoded_left == 0 => {
                Err(failure::invalid_response(host, "an encoding longer than its content"))
            }
            Ok(()) => Ok(true),
            Err(error) => Err(not_gzip(host, error)),
        }
    }

    /// The whole body, or as much of it as the limit allows.
    ///
    /// # Errors
    ///
    /// If it can't be decoded to its end.
    pub fn finish(mut self, host: &str) -> Result<Vec<u8>, TransportError> {
        let ended = match &mut self.decoder {
            Decoder::Gzip(decoder) if self.began => decoder.try_finish(),
            _ => Ok(()),
        };
        match ended {
            Err(error) if !self.decoder.capped().is_full() => Err(not_gzip(host, error)),
            _ => Ok(std::mem::take(&mut self.decoder.capped().bytes)),
        }
    }
}

/// Whether the content coding is gzip, without those that change nothing (RFC 9110 section 8.4.1).
fn is_gzip(headers: &HeaderMap, host: &str) -> Result<bool, TransportError> {
    let unknown = || failure::invalid_response(host, "unknown content encoding");
    let mut is_gzip = false;
    for value in headers.get_all(header::CONTENT_ENCODING) {
        for coding in value.to_str().map_err(|_| unknown())?.split(',') {
            match coding.trim().to_ascii_lowercase().as_str() {
                "" | "identity" | "none" => {}
                "gzip" | "x-gzip" if !is_gzip => is_gzip = true,
                _ => return Err(unknown()),
            }
        }
    }
    Ok(is_gzip)
}

impl Decoder {
    fn capped(&mut self) -> &mut Capped {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Plain(capped) => capped,
        }
    }
}

/// A buffer with a greatest size.
struct Capped {
    bytes: Vec<u8>,
    limit: usize,
}

impl Capped {
    fn is_full(&self) -> bool {
        self.bytes.len() >= self.limit
    }
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limit.saturating_sub(self.bytes.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        let needed = self.bytes.len().saturating_add(taken.len());
        if needed > self.bytes.capacity() {
            // `Vec` would free the old buffer unwiped when it grows, and leave a copy of a token in
            // memory.
            let mut grown = Vec::with_capacity(needed.max(2 * self.bytes.capacity()).max(1024));
            grown.extend_from_slice(&self.bytes);
            wipe(&mut std::mem::replace(&mut self.bytes, grown));
        }
        self.bytes.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Capped {
    fn drop(&mut self) {
        wipe(&mut self.bytes);
    }
}

fn not_gzip(host: &str, error: io::Error) -> TransportError {
    failure::invalid_response(host, "broken gzip encoding").because(error)
}
