//! Sessions keep their promises under random sequences of events: several processes on one store,
//! slow at different points, and some of them dying.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::{collections::BTreeSet, time::Duration};

use axum::Router;
use common::{
    Fault, Upstream,
    browser::Browser,
    site::{Flaky, Operation, process},
};
use fief_hyper::Endpoint;
use proptest::{collection::vec, prelude::*};
use tokio::{task::JoinHandle, time::Instant};

/// One thing that happens, so many milliseconds after the one before.
#[derive(Clone, Debug)]
enum Event {
    /// A browser asks one of the processes for a page.
    Request {
        process: usize,
        browser: usize,
    },
    /// The same, and forces a refresh.
    Refresh {
        process: usize,
        browser: usize,
    },
    /// The access tokens expire.
    Expire,
    SignOut {
        process: usize,
        browser: usize,
    },
    /// The callback of this browser is loaded again.
    Callback {
        process: usize,
        browser: usize,
    },
    /// The store of a process fails at this, or works again.
    Store {
        process: usize,
        failing: Option<Operation>,
    },
    /// Fief can't be reached, or can.
    Fief {
        reachable: bool,
    },
    /// A process dies in the middle of what it does, and another takes its place.
    Crash {
        process: usize,
    },
}

const PROCESSES: usize = 3;
const BROWSERS: usize = 2;

fn event() -> impl Strategy<Value = Event> {
    let (process, browser) = (0..PROCESSES, 0..BROWSERS);
    let failing = prop::option::of(prop::sample::select(vec![
        Operation::Load,
        Operation::Replace,
        Operation::Claim,
        Operation::Renew,
        Operation::Release,
        Operation::Remove,
        Operation::RemoveGeneration,
    ]));
    let pair = (process.clone(), browser);
    prop_oneof![
        8 => pair.clone().prop_map(|(process, browser)| Event::Request { process, browser }),
        2 => pair.clone().prop_map(|(process, browser)| Event::Refresh { process, browser }),
        4 => Just(Event::Expire),
        1 => pair.clone().prop_map(|(process, browser)| Event::SignOut { process, browser }),
        1 => pair.prop_map(|(process, browser)| Event::Callback { process, browser }),
        3 => (process.clone(), failing)
            .prop_map(|(process, failing)| Event::Store { process, failing }),
        1 => any::<bool>().prop_map(|reachable| Event::Fief { reachable }),
        1 => process.prop_map(|process| Event::Crash { process }),
    ]
}

struct World {
    upstream: Upstream,
    processes: Vec<(Flaky, Router)>,
    delays: Vec<u64>,
    browsers: Vec<Browser>,
    callbacks: Vec<String>,
    /// When a browser was told that it is signed out.
    signed_out: Vec<Option<Instant>>,
    crashed: bool,
}

impl World {
    async fn new(delays: Vec<u64>) -> Self {
        let upstream = Upstream::new();
        let store = Flaky::default();
        let mut world = Self {
            processes: Vec::new(),
            browsers: Vec::new(),
            callbacks: Vec::new(),
            signed_out: vec![None; BROWSERS],
            crashed: false,
            upstream,
            delays,
        };
        for _ in 0..PROCESSES {
            world.start(store.sibling());
        }
        for _ in 0..BROWSERS {
            let mut browser = Browser::default();
            let site = &world.processes[0].1;
            let begun = browser.get(site, "/login").await;
            let callback =
                format!("/callback?{}", world.upstream.sign_in(begun.header("location")));
            assert_eq!(browser.get(site, &callback).await.status, 303);
            world.browsers.push(browser);
            world.callbacks.push(callback);
        }
        for (number, (store, _)) in world.processes.iter().enumerate() {
            let delays = world.delays.iter().cycle().skip(number * 7).take(4096);
            store.delay(delays.map(|millis| Duration::from_millis(*millis)));
        }
        world
    }

    fn start(&mut self, store: Flaky) {
        let site = process(&self.upstream, store.clone());
        self.processes.push((store, site));
    }
}

type Running = JoinHandle<Option<(usize, Instant, u16, bool)>>;

/// What a browser is answered, unless the process dies meanwhile: when it asked, the status, and
/// whether it was let in.
fn ask(world: &World, process: usize, browser: usize, path: String, is_post: bool) -> Running {
    let (store, site) = world.processes[process].clone();
    let mut copy = world.browsers[browser].clone();
    tokio::spawn(async move {
        let begun = Instant::now();
        let answer = async {
            if is_post { copy.post(&site, &path).await } else { copy.get(&site, &path).await }
        };
        let dead = async {
            while !store.is_dead() {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        };
        tokio::select! {
            answer = answer => Some((browser, begun, answer.status, answer.status == 200)),
            () = dead => None,
        }
    })
}

async fn run(events: Vec<(u64, Event)>, delays: Vec<u64>) {
    let mut world = World::new(delays).await;
    let mut running: Vec<Running> = Vec::new();
    let mut sign_outs: Vec<Running> = Vec::new();
    for (millis, event) in events {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        match event {
            Event::Request { process, browser } => {
                running.push(ask(&world, process, browser, "/user".to_owned(), false));
            }
            Event::Refresh { process, browser } => {
                running.push(ask(&world, process, browser, "/again".to_owned(), true));
            }
            Event::Expire => world.upstream.advance(3700),
            Event::SignOut { process, browser } => {
                sign_outs.push(ask(&world, process, browser, "/logout".to_owned(), true));
            }
            Event::Callback { process, browser } => {
                // It redirects or begins a new login; it must not send the code again.
                let callback = world.callbacks[browser].clone();
                drop(ask(&world, process, browser, callback, false));
            }
            Event::Store { process, failing } => world.processes[process].0.fail(failing),
            Event::Fief { reachable: true } => world.upstream.heal(),
            Event::Fief { reachable: false } => {
                world.upstream.fault(Endpoint::Token, Fault::Unreachable);
            }
            Event::Crash { process } => {
                let store = world.processes[process].0.sibling();
                world.processes[process].0.die();
                world.crashed = true;
                world.processes[process].1 = common::site::process(&world.upstream, store.clone());
                world.processes[process].0 = store;
            }
        }
        collect_sign_outs(&mut world, &mut sign_outs).await;
    }
    // Everything works again, and all that was begun ends.
    world.upstream.heal();
    for (store, _) in &world.processes {
        store.fail([]);
        store.delay([]);
    }
    tokio::time::sleep(Duration::from_secs(120)).await;
    collect_sign_outs(&mut world, &mut sign_outs).await;
    assert!(sign_outs.is_empty(), "a sign-out does not come to an end");
    for request in running {
        assert!(request.is_finished(), "a request does not come to an end");
        let Some((browser, begun, status, is_in)) = request.await.unwrap() else { continue };
        let was_out = world.signed_out[browser].is_some_and(|out| begun > out);
        assert!(!(was_out && is_in), "signed out, and let in again: {status}");
        assert!(matches!(status, 200 | 303 | 401 | 503), "{status}");
    }
    let presented = world.upstream.presented();
    let distinct: BTreeSet<_> = presented.iter().collect();
    if !world.crashed {
        assert_eq!(distinct.len(), presented.len(), "one request for each: {presented:?}");
    }
    let codes = presented.iter().filter(|given| given.starts_with("code-")).count();
    assert_eq!(codes, BROWSERS, "a code is exchanged once: {presented:?}");
    for browser in 0..BROWSERS {
        for process in 0..PROCESSES {
            let asked = ask(&world, process, browser, "/user".to_owned(), false).await.unwrap();
            let (.., is_in) = asked.unwrap();
            match world.signed_out[browser] {
                Some(_) => assert!(!is_in, "no signed-out session is ever good again"),
                None => assert!(is_in || world.crashed, "a session is lost without a crash"),
            }
        }
    }
}

/// Records which browser was told that it is signed out, and when.
async fn collect_sign_outs(world: &mut World, sign_outs: &mut Vec<Running>) {
    for sign_out in std::mem::take(sign_outs) {
        if !sign_out.is_finished() {
            sign_outs.push(sign_out);
            continue;
        }
        if let Some((browser, _, 303, _)) = sign_out.await.unwrap() {
            world.signed_out[browser].get_or_insert_with(Instant::now);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn sessions_keep_their_promises(
        events in vec((prop_oneof![Just(0_u64), 0..300_u64, 0..20_000_u64], event()), 1..40),
        delays in vec(prop_oneof![Just(0_u64), 0..50_u64, 0..400_u64], 8..64),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run(events, delays));
    }
}
