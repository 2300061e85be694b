//! What every driver's HTTP part must do, written once.
//!
//! A driver implements [`Driver`] for its client in a test module, and names it to
//! [`transport_tests!`]. Everything runs on the loopback interface.

// Code for tests that does not stand in a test.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::missing_panics_doc)]
#![allow(clippy::missing_errors_doc, clippy::panic, clippy::unwrap_used)]
// The name of a test says what it is about.
#![allow(missing_docs)]

use std::{error::Error, sync::mpsc, thread, time::Duration};

use fief_transport::TransportOptions;
use http::{Request, Response};

pub mod bodies;
pub mod certificates;
pub mod connections;
pub mod deadlines;
pub mod endless;
pub mod http2;
#[cfg(target_os = "linux")]
pub mod memory;
pub mod proxies;
pub mod resets;
pub mod server;
pub mod threads;
pub mod trust;
pub mod userinfo;

/// Stands in every request, as a bearer token and in the query.
pub const PLANTED: &str = "planted-secret";

/// A proxy password.
pub const PASSWORD: &str = "hunter2";

/// The HTTP client under test.
pub trait Driver: Send + Sized + Sync + 'static {
    /// Builds it.
    fn new(options: &TransportOptions, http1_only: bool) -> Result<Self, Failure>;

    /// Sends one request.
    fn send(
        &self,
        request: &Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response<Vec<u8>>, Failure>;
}

/// What a transport error says of itself.
#[derive(Debug)]
pub struct Failure {
    /// Its stable word.
    pub reason: &'static str,
    /// Its text, then those of its sources.
    pub texts: Vec<String>,
}

impl Failure {
    /// Reads an error, and looks for secrets and for texts said twice.
    pub fn new(reason: &'static str, error: &(dyn Error + 'static)) -> Self {
        let mut texts = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next {
            texts.push(error.to_string());
            next = error.source();
        }
        if let [first, second, ..] = texts.as_slice() {
            assert!(!first.contains(second.as_str()), "said twice: {texts:?}");
        }
        let shown = format!("{error:?} {}", texts.join(" "));
        for secret in [PLANTED, PASSWORD, "aHVudGVyMg"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        Self { reason, texts }
    }
}

/// No limits, no proxy: each test sets what it is about.
pub fn options() -> TransportOptions {
    TransportOptions {
        connect_timeout: None,
        timeout: None,
        proxy: fief_transport::Proxy::None,
        ..TransportOptions::default()
    }
}

/// A request with secrets in it.
pub fn request(method: &str, url: &str) -> Request<Vec<u8>> {
    let body = if method == "GET" { Vec::new() } else { b"name=value".to_vec() };
    Request::builder()
        .method(method)
        .uri(format!("{url}?code={PLANTED}"))
        .header("authorization", format!("Bearer {PLANTED}"))
        .header("user-agent", "tests")
        .body(body)
        .unwrap()
}

/// Sends a `GET` and gives the reason of its failure.
pub fn refused<D: Driver>(options: &TransportOptions, url: &str) -> &'static str {
    D::new(options, true).unwrap().send(&request("GET", url), LIMIT).unwrap_err().reason
}

/// Gives up what never comes back.
pub fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(PATIENCE).expect("it panicked, or takes for ever")
}

/// Long enough for any machine; only a test that fails waits for it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The greatest body that most tests take.
pub const LIMIT: usize = 64 * 1024;

/// Runs every test on a driver.
#[macro_export]
macro_rules! transport_tests {
    ($driver:ty) => {
        $crate::transport_tests!($driver, bodies:
            plain_body, redirect_is_returned, gzip_is_decoded, gzip_bomb_is_capped,
            large_body_is_capped, limit_itself_is_no_excess, error_body_is_cut,
            truncated_body, truncated_chunks, truncated_gzip, trailing_garbage_after_gzip,
            empty_body_with_an_encoding, unknown_encoding, two_encodings, methods_and_headers);
        $crate::transport_tests!($driver, connections:
            connections_are_kept, large_head, endless_headers, garbage, truncated_head,
            closed_without_an_answer, time_without_end, refused_connection, unknown_host,
            stale_get_is_sent_again, stale_post_is_not, stale_patch_is_not, stale_twice,
            surplus_answer, half_an_answer_is_not_stale);
        $crate::transport_tests!($driver, deadlines:
            name_lookup, full_backlog, silent_proxy, dripping_proxy, silent_handshake,
            dripping_handshake, unread_upload, silent_head, silent_body, dripping_head,
            dripping_body, dripping_record);
        $crate::transport_tests!($driver, endless:
            status_line, interim_answers, chunk_extension, trailers, empty_gzip_members, huge_content_length,
            one_byte_at_a_time, one_byte_a_chunk);
        $crate::transport_tests!($driver, resets:
            after_accept, in_the_handshake, after_the_request, in_the_status_line,
            in_the_headers, in_the_body, in_a_body_without_length, under_tls,
            tls_cut_without_notice, kept_and_safe, kept_and_unsafe, while_idle, by_the_proxy);
        $crate::transport_tests!($driver, threads: each_gets_its_own, one_stalls_nobody);
        $crate::transport_tests!($driver, trust:
            only_root, platform_and_root, unknown_root, self_signed, wrong_name, expired,
            any_certificate, client_certificate, missing_client_certificate,
            expired_client_certificate, foreign_client_key, host_override, no_tls_at_all,
            bad_roots, bad_client_key, kept_tls_connections);
        $crate::transport_tests!($driver, proxies:
            absolute_form, tunnel, refused_tunnel, failing_proxy, unreachable_proxy,
            bad_proxy_urls);
    };
    ($driver:ty, $module:ident: $($name:ident),* $(,)?) => {
        mod $module {
            use super::*;

            $(
                #[test]
                fn $name() {
                    $crate::$module::$name::<$driver>();
                }
            )*
        }
    };
}
