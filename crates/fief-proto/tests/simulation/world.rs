//! One schedule, from its seed to its end.

use std::collections::BTreeMap;

use fief_proto::{Client, Endpoint, Requirements};

use crate::{
    client::{InFlight, Program},
    common::NOW,
    network::{DEADLINE, Network},
    policy::Policy,
    schedule::{Agenda, Random},
    server::{Answered, Health, Material, Server},
};

/// How long callers keep coming, in milliseconds.
const SPAN: u64 = 1_200_000;

enum Event {
    /// So many callers come to this program at once.
    Call {
        program: usize,
        callers: u64,
    },
    /// A caller gives up.
    Leave {
        program: usize,
    },
    /// A request reaches the server.
    Arrive {
        program: usize,
        number: u64,
        endpoint: Endpoint,
    },
    /// An answer comes back, or the failure to reach the server.
    Return {
        program: usize,
        number: u64,
        answered: Option<Answered>,
    },
    /// The deadline of its sender is over. The server may still be at work.
    GiveUp {
        program: usize,
        number: u64,
    },
    Rotate {
        with_overlap: bool,
    },
    Withdraw,
    Health(Health),
    /// A clock is set, by so many seconds.
    Jump {
        program: usize,
        seconds: i64,
    },
    /// A clock is set to about the moment when all tokens expire, with callers to come.
    Expire {
        program: usize,
    },
}

struct World<'w> {
    agenda: Agenda<Event>,
    random: Random,
    network: Network,
    server: Server<'w>,
    programs: Vec<Program<'w>>,
    /// The requests that a driver waits for, by their number.
    open: BTreeMap<u64, InFlight>,
    last_number: u64,
}

pub fn play(seed: u64, material: &Material, counts: &mut BTreeMap<&'static str, u64>) {
    let mut random = Random::new(seed);
    let policy = Policy::new(&mut random);
    let client: Client = policy.config().build().unwrap();
    let requirements = Requirements::none();
    let network = Network::new(&mut random);
    let programs = (0..=random.below(5)).map(|_| Program::new(&client, policy)).collect();
    let mut world = World {
        agenda: Agenda::new(),
        random,
        network,
        server: Server::new(material),
        programs,
        open: BTreeMap::new(),
        last_number: 0,
    };
    world.plan();
    while let Some(event) = world.agenda.next() {
        world.happen(event, &requirements);
    }
    for program in &world.programs {
        program.check_end();
        for (what, count) in &program.promises.counts {
            *counts.entry(what).or_default() += count;
        }
    }
}

impl<'w> World<'w> {
    fn plan(&mut self) {
        let Self { agenda, random, programs, .. } = self;
        let programs = programs.len() as u64;
        let program = |random: &mut Random| usize::try_from(random.below(programs)).unwrap();
        for _ in 0..8 + random.below(16) {
            let callers = random.pick(&[1, 1, 1, 2, 5]);
            let event = Event::Call { program: program(random), callers };
            // Many at about one time, and the rest far between.
            let moment = match random.below(3) {
                0 => random.below(SPAN),
                1 => random.below(40_000),
                _ => SPAN / 2 + random.below(20_000),
            };
            agenda.add(moment, random, event);
        }
        for _ in 0..random.below(4) {
            let event = Event::Rotate { with_overlap: random.chance(50) };
            agenda.add(random.below(SPAN), random, event);
            agenda.add(random.below(SPAN), random, Event::Withdraw);
        }
        for _ in 0..random.below(4) {
            let health = random.pick(&[Health::Failing, Health::Confused, Health::Away]);
            let begin = random.below(SPAN);
            agenda.add(begin, random, Event::Health(health));
            agenda.add(begin + random.below(SPAN / 4), random, Event::Health(Health::Well));
        }
        for _ in 0..random.below(3) {
            let near = i64::try_from(random.below(800)).unwrap() - 400;
            let seconds = if random.chance(20) { near + 2_500 } else { near };
            let event = Event::Jump { program: program(random), seconds };
            agenda.add(random.below(SPAN), random, event);
        }
        for _ in 0..random.below(5) {
            let event = Event::Leave { program: program(random) };
            agenda.add(random.below(SPAN), random, event);
        }
    }

    fn happen(&mut self, event: Event, requirements: &'w Requirements) {
        let elapsed = self.agenda.now();
        match event {
            Event::Call { program, callers } => {
                for _ in 0..callers {
                    let token = self.server.token(&mut self.random);
                    let requests =
                        self.programs[program].call(token, requirements, elapsed, &mut self.random);
                    self.send(program, requests);
                }
                if self.programs[program].remembers() && self.random.chance(10) {
                    let delay = self.random.below(2_000);
                    self.agenda.add(delay, &mut self.random, Event::Expire { program });
                }
            }
            Event::Leave { program } => self.programs[program].leave(&mut self.random),
            Event::Arrive { program, number, endpoint } => {
                let answered = self.server.answer(endpoint);
                if let Some(delay) = self.network.carry(&mut self.random) {
                    let event = Event::Return { program, number, answered };
                    self.agenda.add(delay, &mut self.random, event);
                }
            }
            Event::Return { program, number, answered } => {
                if !self.open.contains_key(&number) {
                    self.programs[program].promises.count("too late");
                }
                self.end(program, number, answered);
            }
            Event::GiveUp { program, number } => self.end(program, number, None),
            Event::Rotate { with_overlap } => self.server.rotate(with_overlap),
            Event::Withdraw => self.server.withdraw(),
            Event::Health(health) => self.server.health = health,
            Event::Jump { program, seconds } => {
                let ahead = &mut self.programs[program].clock_is_ahead;
                // Earlier than this, the tokens were not made yet.
                *ahead = (*ahead + seconds).max(-800);
            }
            Event::Expire { program } => {
                let expiry = NOW.as_secs() + 3_600;
                let off = i64::try_from(self.random.below(100)).unwrap() - 20;
                let program_ = &mut self.programs[program];
                program_.clock_is_ahead += expiry + off - program_.now(elapsed).as_secs();
                for within in [1_000, 20_000, 60_000] {
                    let delay = self.random.below(within);
                    let event = Event::Call { program, callers: 1 };
                    self.agenda.add(delay, &mut self.random, event);
                }
            }
        }
    }

    fn send(&mut self, program: usize, requests: Vec<InFlight>) {
        for request in requests {
            self.last_number += 1;
            let (number, endpoint) = (self.last_number, request.endpoint);
            self.open.insert(number, request);
            if let Some(delay) = self.network.carry(&mut self.random) {
                let event = Event::Arrive { program, number, endpoint };
                self.agenda.add(delay, &mut self.random, event);
            }
            self.agenda.add(DEADLINE, &mut self.random, Event::GiveUp { program, number });
        }
    }

    /// A request is over, unless it was before: its answer is not awaited any more.
    fn end(&mut self, program: usize, number: u64, answered: Option<Answered>) {
        if let Some(request) = self.open.remove(&number) {
            let elapsed = self.agenda.now();
            let program_ = &mut self.programs[program];
            let requests = program_.receive(request, answered, elapsed, &mut self.random);
            self.send(program, requests);
        }
    }
}
