//! The module needs nothing of its host: it runs without a single import.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use wasmi::{Engine, Linker, Module, Store};

/// When the tokens of the test vectors were made.
const NOW: i64 = 1_790_000_000;

#[test]
fn imports_nothing_and_validates() {
    let engine = Engine::default();
    let module = Module::new(&engine, build()).unwrap();
    let imports: Vec<String> =
        module.imports().map(|import| format!("{}::{}", import.module(), import.name())).collect();
    assert_eq!(imports, [] as [&str; 0], "the module asks its host for these");

    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    let is_valid = instance.get_typed_func::<(u32, i64), i32>(&store, "is_valid").unwrap();
    let mut is_valid = |which, now| is_valid.call(&mut store, (which, now)).unwrap() == 1;
    assert!(is_valid(0, NOW));
    assert!(!is_valid(0, NOW + 7 * 24 * 60 * 60), "after its end");
    assert!(!is_valid(1, NOW), "by a key that is not published");
}

/// The module's code.
fn build() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = env::var_os("CARGO_TARGET_DIR").map_or(folder.join("target"), PathBuf::from);
    let status = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--release", "--lib", "--target", "wasm32-unknown-unknown"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(folder)
        .status()
        .unwrap();
    assert!(status.success(), "run `rustup target add wasm32-unknown-unknown` first");
    fs::read(target.join("wasm32-unknown-unknown/release/fief_wasm.wasm")).unwrap()
}
