//! The feature `tracing`: one span per call, without values. It uses a custom transport.

#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex},
};

use fief_testkit::material;
use fief_ureq::{
    Endpoint, Fief, NewPassword,
    flow::{Request, Response},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

const TOKEN: &str = "hermine-tincture-1488-hermine-tincture";

/// Writes down each span's fields, in order.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

struct Fields<'a>(&'a mut Vec<String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push(format!("{}={value:?}", field.name()));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut lines = self.0.lock().unwrap();
        lines.push(span.metadata().name().to_owned());
        span.record(&mut Fields(&mut lines));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn one_span_a_call() {
    let fief = Fief::builder(material::config())
        .transport(|request: &Request| Ok::<_, Infallible>(answer(request.endpoint())))
        .build()
        .unwrap();
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        fief.userinfo(TOKEN).unwrap();
        fief.change_password(TOKEN, &NewPassword::new(TOKEN)).unwrap_err();
    });
    let lines = recorder.0.lock().unwrap().clone();
    assert!(!lines.concat().contains(TOKEN), "{lines:?}");
    let steady: Vec<&str> =
        lines.iter().map(String::as_str).filter(|line| !line.starts_with("duration_us=")).collect();
    assert_eq!(
        steady,
        [
            "fief",
            "operation=\"userinfo\"",
            "refetch=true",
            "status=200",
            "fief",
            "operation=\"change_password\"",
            "status=403",
            "error=\"refused\"",
        ]
    );
    assert_eq!(lines.len(), steady.len() + 2, "a duration each: {lines:?}");
}

fn answer(endpoint: Endpoint) -> Response {
    match endpoint {
        Endpoint::Password => material::status(403, r#"{"detail": "ACR_TOO_LOW"}"#),
        other => material::answer(other),
    }
}
