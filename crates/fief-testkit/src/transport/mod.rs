//! What every driver's HTTP part must do, written once.
//!
//! A driver implements [`Driver`] for its client in a test module, and names it to
//! [`transport_tests!`](crate::transport_tests). Everything runs on the loopback interface.

// The name of a test says what it is about.
#![allow(missing_docs)]

use std::error::Error;

use fief_proto::{Endpoint, TransportError};
use fief_transport::{TransportOptions, internals::Names};
use http::{Request, Response};

pub mod addresses;
pub mod bodies;
pub mod certificates;
pub mod connections;
pub mod deadlines;
pub mod endless;
pub mod lenient;
#[cfg(target_os = "linux")]
pub mod memory;
pub mod proxies;
pub mod resets;
pub mod surplus;
pub mod threads;
pub mod trust;
pub mod userinfo;

/// Is part of every request, as a bearer token and in the query.
pub const PLANTED: &str = "planted-secret";

/// A proxy password.
pub const PASSWORD: &str = "hunter2";

/// The HTTP client under test.
pub trait Driver: Send + Sized + Sync + 'static {
    /// Builds it, with a resolver of its own or with the system's.
    fn new(
        options: &TransportOptions,
        base_url: &str,
        names: Option<Names>,
    ) -> Result<Self, Failure>;

    /// Sends one request as it would to this endpoint.
    fn exchange(
        &self,
        endpoint: Endpoint,
        request: Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response<Vec<u8>>, Failure>;

    /// Sends one request: `GET` as for userinfo, others as to the token endpoint.
    fn send(&self, method: &str, url: &str) -> Result<Response<Vec<u8>>, Failure> {
        let endpoint = if method == "GET" { Endpoint::Userinfo } else { Endpoint::Token };
        self.exchange(endpoint, request(method, url), LIMIT)
    }
}

/// A driver with these options. Its base URL matters only with a proxy.
pub fn driver<D: Driver>(options: &TransportOptions) -> D {
    D::new(options, BASE, None).unwrap()
}

/// A base URL that no server has.
pub const BASE: &str = "https://fief.invalid";

/// What a transport error says.
#[derive(Debug)]
pub struct Failure {
    /// Its stable name.
    pub reason: &'static str,
    /// Whether it says that nothing of the request has left.
    pub never_sent: bool,
    /// Its message, then those of its sources.
    pub messages: Vec<String>,
}

impl Failure {
    /// Reads an error, and checks that it holds no secret and repeats no message.
    pub fn new(error: &TransportError) -> Self {
        let (reason, never_sent) = (error.reason(), error.never_sent());
        let error: &(dyn Error + 'static) = error;
        let mut messages = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next {
            messages.push(error.to_string());
            next = error.source();
        }
        if let [first, second, ..] = messages.as_slice() {
            assert!(!first.contains(second.as_str()), "said twice: {messages:?}");
        }
        let shown = format!("{error:?} {}", messages.join(" "));
        for secret in [PLANTED, PASSWORD, "aHVudGVyMg"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        Self { reason, never_sent, messages }
    }
}

/// No limits, no proxy: each test sets what it is about.
pub fn options() -> TransportOptions {
    TransportOptions {
        connect_timeout: None,
        timeout: None,
        documents_timeout: None,
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

/// Sends a `GET` and returns the reason of its failure.
pub fn refused<D: Driver>(options: &TransportOptions, url: &str) -> &'static str {
    driver::<D>(options).send("GET", url).unwrap_err().reason
}

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
        $crate::transport_tests!($driver, addresses:
            the_other_family, in_order_within_a_family, names_of_this_machine);
        $crate::transport_tests!($driver, connections:
            userinfo_keeps_its_connection, everything_else_is_fresh, large_head, endless_headers,
            garbage, truncated_head, closed_without_an_answer, time_without_end,
            refused_connection, unknown_host, a_kept_connection_that_has_closed,
            a_kept_connection_that_breaks_in_the_head, a_fresh_connection_that_closes_too,
            a_body_that_breaks_is_not_asked_for_again, after_a_timeout);
        $crate::transport_tests!($driver, lenient:
            chunk_extensions, codings, many_fields);
        $crate::transport_tests!($driver, surplus: at_once, later, half_an_answer);
        $crate::transport_tests!($driver, deadlines:
            name_lookup, documents, full_backlog, silent_proxy, dripping_proxy, silent_handshake,
            dripping_handshake, unread_upload, silent_head, silent_body, dripping_head,
            dripping_body, dripping_record, no_time_at_all);
        $crate::transport_tests!($driver, endless:
            status_line, interim_answers, chunk_extension, trailers, empty_gzip_members, huge_content_length,
            one_byte_at_a_time, one_byte_a_chunk);
        $crate::transport_tests!($driver, resets:
            after_accept, in_the_handshake, after_the_request, in_the_status_line,
            in_the_headers, in_the_body, in_a_body_without_length, under_tls,
            tls_cut_without_notice, kept_and_reset, while_idle, by_the_proxy);
        $crate::transport_tests!($driver, threads: each_gets_its_own, one_delays_no_other);
        $crate::transport_tests!($driver, trust:
            only_root, platform_and_root, named_certificate, named_certificate_of_version_1, unknown_root, self_signed, wrong_name, expired,
            any_certificate, client_certificate, missing_client_certificate,
            expired_client_certificate, foreign_client_key, host_override, no_tls_at_all,
            bad_roots, bad_client_key, bad_roots_by_block, kept_tls_connections);
        $crate::transport_tests!($driver, proxies:
            tunnel, refused_tunnel, unreachable_proxy, bad_proxy_urls,
            none_to_this_machine);
    };
    ($driver:ty, $module:ident: $($name:ident),* $(,)?) => {
        mod $module {
            use super::*;

            $(
                #[test]
                fn $name() {
                    $crate::transport::$module::$name::<$driver>();
                }
            )*
        }
    };
}
