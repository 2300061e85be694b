//! The core on a runtime that no driver is for, shared by many tasks. Try `-- --help`.

use std::{io, io::Read as _, sync::Arc, time::Duration, time::SystemTime};

use fief_proto::flow::{Flow, Input, Request, Response, Step, Ticket};
use fief_proto::{Client, Error, Provider, Requirements, TransportError};
use smol::lock::{Mutex, RwLock};

pub(crate) struct Driver {
    pub(crate) client: Client,
    pub(crate) known: RwLock<Provider>,
    pub(crate) flight: Arc<Mutex<()>>, // held while a document is fetched for all
}

impl Driver {
    pub(crate) async fn run<F: Flow>(self: &Arc<Self>, mut flow: F) -> Result<F::Output, Error> {
        let mut input = Input::Go;
        loop {
            let known = self.known.read().await.clone();
            input = match flow.resume(&known, SystemTime::now().into(), input)? {
                Step::Done(output) => return Ok(output),
                Step::Send(request) => match request.ticket() {
                    None => Input::Response(send(request).await?),
                    Some(ticket) => self.fetch(request, ticket).await,
                },
            };
        }
    }

    async fn fetch(self: &Arc<Self>, request: Request, ticket: Ticket) -> Input {
        let (driver, lock) = (Arc::clone(self), Arc::clone(&self.flight));
        let flight = match lock.try_lock_arc() {
            Some(flight) => flight,
            None if ticket.is_optional() => return Input::Skip, // one is under way
            None => lock.lock_arc().await,
        };
        if self.known.read().await.settled(&ticket) {
            return Input::Go;
        }
        let fetch = async move {
            let (outcome, _flight) = (send(request).await, flight);
            let mut known = driver.known.write().await;
            driver.client.learn(&mut known, ticket, SystemTime::now().into(), outcome);
        };
        smol::spawn(fetch).detach(); // a caller who leaves does not take it along
        if ticket.is_optional() {
            return Input::Skip;
        }
        drop(lock.lock().await); // free when the fetch has ended
        Input::Go
    }
}

async fn send(request: Request) -> Result<Response, TransportError> {
    let host = request.http().uri().host().unwrap_or_default().to_owned();
    let exchange = smol::unblock(move || -> Result<_, ureq::Error> {
        let config = ureq::config::Config::builder().http_status_as_error(false).max_redirects(0);
        let config = config.timeout_global(Some(Duration::from_secs(30))).build();
        let (limit, mut bytes) = (request.body_limit() as u64 + 1, Vec::new());
        let (head, body) = config.new_agent().run(request.into_http())?.into_parts();
        body.into_reader().take(limit).read_to_end(&mut bytes)?;
        Ok(Response::from_parts(head, bytes))
    });
    exchange.await.map_err(|error| TransportError::foreign(error, &host))
}

fn main() -> Result<(), Error> {
    let client = fief_examples::config("smol", "Validates tokens on standard input.").build()?;
    let driver = Arc::new(Driver { client, known: RwLock::default(), flight: Arc::default() });
    let validate = |token: String| {
        let driver = Arc::clone(&driver);
        smol::spawn(async move {
            driver.run(driver.client.validate_access_token(&token, &Requirements::none())).await
        })
    };
    let tasks: Vec<_> = io::stdin().lines().map_while(Result::ok).map(validate).collect();
    let show = |info| println!("{info:?}");
    tasks.into_iter().try_for_each(|task| smol::block_on(task).map(show))
}
