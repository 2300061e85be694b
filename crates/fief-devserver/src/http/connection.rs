//! Connections: accepted, served, and cut where a fault says so.

use std::{convert::Infallible, time::Duration};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use super::{App, faulty, router::router};
use crate::request_log::LoggedRequest;

/// Accepts connections for ever.
pub(crate) async fn serve(listener: TcpListener, app: App) {
    let router = router(app.clone());
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(talk(stream, router.clone(), app.clone()));
            }
            // Too many open files, or a connection that was gone before it was taken: the next
            // one may do better, though not at once.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn talk(stream: TcpStream, router: Router, app: App) {
    // Answers are small and complete; waiting for more to send along only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(request, router.clone(), app.clone()));
    // How it ends is the business of whoever is at the other end.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// An error here closes the connection without an answer.
async fn answer(
    request: Request<Incoming>,
    router: Router,
    app: App,
) -> Result<Response, faulty::Cut> {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let answer = faulty::answer(request.map(Body::new), &app, |request| async {
        let Ok::<_, Infallible>(response) = router.oneshot(request).await;
        response
    });
    let answer = answer.await;
    let status = answer.as_ref().ok().map(|response| response.status().as_u16());
    app.log().add(LoggedRequest { method, path, status });
    answer
}
