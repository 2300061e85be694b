//! A webhook delivery. Input: a line with the timestamp, a line with the signature, or `sign` for
//! the right one, then the body.
#![no_main]

use fief_fuzz::{secrets, world::NOW};
use fief_proto::{Error, UnixTime, verify_webhook};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sha2::Sha256;

fuzz_target!(|data: &[u8]| {
    if secrets::stand_in(data) {
        return;
    }
    let mut parts = data.splitn(3, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (timestamp, signature, body) = (part(), part(), part());
    let right = right_signature(timestamp, body);
    let signature = if signature == b"sign" { right.as_bytes() } else { signature };
    let mut headers = HeaderMap::new();
    for (name, value) in
        [("x-fief-webhook-timestamp", timestamp), ("x-fief-webhook-signature", signature)]
    {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    for now in [NOW, UnixTime::from_secs(i64::MIN), UnixTime::from_secs(i64::MAX)] {
        match verify_webhook(secrets::PLANTED, &headers, body, now) {
            Ok(event) => {
                assert_eq!(signature, right.as_bytes());
                let sent_at: i64 = std::str::from_utf8(timestamp).unwrap().parse().unwrap();
                assert!((i128::from(sent_at) - i128::from(now.as_secs())).abs() <= 300);
                let value: Value = serde_json::from_slice(body).unwrap();
                assert_eq!(
                    (value["type"].as_str(), &value["data"]),
                    (Some(&*event.event_type), &event.data)
                );
                secrets::check_debug(&event);
            }
            Err(error) => {
                assert!(matches!(error, Error::Webhook(_)), "{error:?}");
                secrets::check_error(&error);
            }
        }
    }
});

fn right_signature(timestamp: &[u8], body: &[u8]) -> String {
    let digest = Hmac::<Sha256>::new_from_slice(secrets::PLANTED.as_bytes())
        .expect("any length will do")
        .chain_update(timestamp)
        .chain_update(b".")
        .chain_update(body)
        .finalize()
        .into_bytes();
    digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
