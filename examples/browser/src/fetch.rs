//! One exchange of the core, by the `fetch` of the browser.

use fief_proto::flow::{Request, Response};
use fief_proto::{TransportError, TransportErrorKind, UnixTime};
use http::header::USER_AGENT;
use js_sys::{Date, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCache, RequestInit, RequestRedirect};

#[expect(clippy::cast_possible_truncation, reason = "whole seconds are wanted")]
pub fn now() -> UnixTime {
    UnixTime::from_secs((Date::now() / 1000.0) as i64)
}

pub async fn send(request: Request) -> Result<Response, TransportError> {
    let host = request.http().uri().host().unwrap_or_default();
    // Browsers tell the console why there is no answer, not the page.
    exchange(&request).await.map_err(|_| TransportError::new(TransportErrorKind::Io, host))
}

async fn exchange(request: &Request) -> Result<Response, JsValue> {
    let (http, options, headers) = (request.http(), RequestInit::new(), Headers::new()?);
    options.set_method(http.method().as_str());
    options.set_cache(RequestCache::NoStore);
    options.set_redirect(RequestRedirect::Error);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(30_000)));
    // Browsers say themselves what they are; Fief allows no page of another origin to.
    for (name, value) in http.headers().iter().filter(|(name, _)| **name != USER_AGENT) {
        headers.append(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    options.set_headers(&headers);
    if !http.body().is_empty() {
        options.set_body(&Uint8Array::from(http.body().as_slice()));
    }
    let window = web_sys::window().ok_or("no window")?;
    let answer = window.fetch_with_str_and_init(&http.uri().to_string(), &options);
    let answer: web_sys::Response = JsFuture::from(answer).await?.dyn_into()?;
    let body = Uint8Array::new(&JsFuture::from(answer.array_buffer()?).await?).to_vec();
    let response = http::Response::builder().status(answer.status()).body(body);
    response.map_err(|error| error.to_string().into())
}
