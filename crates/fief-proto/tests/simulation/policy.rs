//! The ages that the clients of a schedule are configured with, in seconds.

use std::time::Duration;

use fief_proto::Config;

use crate::{common, schedule::Random};

#[derive(Clone, Copy, Debug)]
pub struct Policy {
    pub due: i64,
    pub expire: i64,
    pub cooldown: i64,
}

impl Policy {
    pub fn new(random: &mut Random) -> Self {
        let due = random.pick(&[0, 30, 120, 600]);
        let expire = due + random.pick(&[0, 60, 600]);
        Self { due, expire, cooldown: random.pick(&[0, 10, 10, 60]) }
    }

    pub fn config(self) -> Config {
        let seconds = |number: i64| Duration::from_secs(number.unsigned_abs());
        common::config()
            .keys_due_after(seconds(self.due))
            .keys_expire_after(seconds(self.expire))
            .key_refetch_cooldown(seconds(self.cooldown))
    }
}
