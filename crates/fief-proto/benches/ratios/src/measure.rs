//! Times measured side by side: all cases in turn, in many rounds, so that noise affects all alike.

use std::time::{Duration, Instant};

/// How long one case runs in one round: short, so that most turns end undisturbed.
const TURN: Duration = Duration::from_micros(300);

/// One thing to time.
pub struct Case<'a> {
    name: &'static str,
    /// The most that it may take, as a multiple of the first case.
    target: Option<f64>,
    /// Does the work so many times.
    work: Box<dyn FnMut(usize) + 'a>,
}

impl<'a> Case<'a> {
    pub fn new(name: &'static str, mut work: impl FnMut() + 'a) -> Self {
        Self::batch(name, move |times| (0..times).for_each(|_| work()))
    }

    /// For work that has something to set up around many repetitions.
    pub fn batch(name: &'static str, work: impl FnMut(usize) + 'a) -> Self {
        Self { name, target: None, work: Box::new(work) }
    }

    pub fn target(mut self, target: f64) -> Self {
        self.target = Some(target);
        self
    }

    fn time(&mut self, times: usize) -> f64 {
        let began = Instant::now();
        (self.work)(times);
        began.elapsed().as_secs_f64() / times as f64
    }
}

/// What [`compare`] prints rows of.
pub fn print_header() {
    println!(
        "\n| work | µs, fastest | ratio, median | middle 80 % | ratio of the fastest | at most |"
    );
    println!("|---|---|---|---|---|---|");
}

/// Prints rows: the first case is what the others are compared with.
pub fn compare(title: &str, rounds: usize, mut cases: Vec<Case<'_>>) {
    let batches: Vec<usize> = cases
        .iter_mut()
        .map(|case| {
            case.time(3); // Warms up.
            (TURN.as_secs_f64() / case.time(3)).clamp(1.0, 1e6) as usize
        })
        .collect();
    let mut times = vec![Vec::with_capacity(rounds); cases.len()];
    for round in 0..rounds {
        for index in 0..cases.len() {
            let index = (round + index) % cases.len();
            times[index].push(cases[index].time(batches[index]));
        }
    }
    println!("| **{title}** | | | | | |");
    let fastest = |times: &[f64]| times.iter().copied().fold(f64::MAX, f64::min);
    for (case, own) in cases.iter().zip(&times) {
        let mut ratios: Vec<f64> =
            own.iter().zip(&times[0]).map(|(own, base)| own / base).collect();
        ratios.sort_by(f64::total_cmp);
        let at = |part: f64| ratios[((ratios.len() - 1) as f64 * part).round() as usize];
        println!(
            "| {} | {:.2} | {:.3} | {:.3} to {:.3} | {:.3} | {} |",
            case.name,
            fastest(own) * 1e6,
            at(0.5),
            at(0.1),
            at(0.9),
            fastest(own) / fastest(&times[0]),
            case.target.map_or("–".to_owned(), |target| target.to_string()),
        );
    }
}
