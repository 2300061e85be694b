//! One schedule, from its seed to its end.

use std::collections::BTreeMap;

use fief_proto::{Client, Requirements};

use crate::{
    client::{Driving, Flight, Program},
    network::{DEADLINE, Network},
    schedule::{Agenda, Random},
    server::{Answered, Health, Material, Server},
    shadow::Policy,
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
        flight: Flight,
    },
    /// An answer comes back, or the waiting ends.
    Return {
        program: usize,
        flight: Flight,
        answered: Option<Answered>,
    },
    Rotate {
        with_overlap: bool,
    },
    Withdraw,
    Health(Health),
    /// Somebody sets a clock, by so many seconds.
    Jump {
        program: usize,
        seconds: i64,
    },
}

struct World<'w> {
    agenda: Agenda<Event>,
    random: Random,
    network: Network,
    server: Server<'w>,
    programs: Vec<Program<'w>>,
}

pub fn play(seed: u64, material: &Material, counts: &mut BTreeMap<&'static str, u64>) {
    let mut random = Random::new(seed);
    let policy = Policy::new(&mut random);
    let client: Client = policy.config().build().unwrap();
    let requirements = Requirements::none();
    let network = Network::new(&mut random);
    let programs = (0..=random.below(2))
        .map(|_| {
            let driving = random.pick(&[Driving::Locked, Driving::Locked, Driving::Joining]);
            Program::new(&client, policy, driving)
        })
        .collect();
    let mut world =
        World { agenda: Agenda::new(), random, network, server: Server::new(material), programs };
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
                    let flights =
                        self.programs[program].call(token, requirements, elapsed, &mut self.random);
                    self.send(program, flights);
                }
            }
            Event::Leave { program } => self.programs[program].leave(&mut self.random),
            Event::Arrive { program, flight } => {
                let answered = self.server.answer(flight.endpoint);
                let delay = self.network.carry(&mut self.random);
                let (delay, answered) = match delay {
                    Some(delay) => (delay, answered),
                    None => (DEADLINE, None),
                };
                self.agenda.add(
                    delay,
                    &mut self.random,
                    Event::Return { program, flight, answered },
                );
            }
            Event::Return { program, flight, answered } => {
                let program_ = &mut self.programs[program];
                let flights = program_.receive(flight, answered, elapsed, &mut self.random);
                self.send(program, flights);
            }
            Event::Rotate { with_overlap } => self.server.rotate(with_overlap),
            Event::Withdraw => self.server.withdraw(),
            Event::Health(health) => self.server.health = health,
            Event::Jump { program, seconds } => {
                let ahead = &mut self.programs[program].clock_is_ahead;
                // Earlier than this, the tokens were not made yet.
                *ahead = (*ahead + seconds).max(-800);
            }
        }
    }

    fn send(&mut self, program: usize, flights: Vec<Flight>) {
        for flight in flights {
            let event = match self.network.carry(&mut self.random) {
                Some(delay) => (delay, Event::Arrive { program, flight }),
                None => (DEADLINE, Event::Return { program, flight, answered: None }),
            };
            self.agenda.add(event.0, &mut self.random, event.1);
        }
    }
}
