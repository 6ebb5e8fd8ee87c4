//! What the reader sees.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what this module is for"
)]

pub(crate) fn heading(text: &str) {
    println!("\n== {text} ==");
}

/// A step that is done, with what is worth knowing of it.
pub(crate) fn done(step: &str, detail: &str) {
    println!("  ✓ {step:<44} {detail}");
}

/// A proof that does not hold.
pub(crate) fn broken(proof: &str, detail: &str) {
    println!("  ✗ {proof:<44} {detail}");
}

pub(crate) fn note(text: &str) {
    for line in text.lines() {
        println!("    {line}");
    }
}

pub(crate) fn failure(text: &str) {
    eprintln!("demo: {text}");
}

pub(crate) fn next_steps() {
    note(
        "\nWhat to look at next:\n\
         \x20 target/release/full-dump --help    every option, and mysqldump's own\n\
         \x20 examples/full-dump/                the job: arguments, gates, publishing\n\
         \x20 examples/dashboards/               the dashboards that were deployed, and the tool\n\
         \x20 crates/dump, crates/s3upload,\n\
         \x20 crates/secrets                     the crates it is made of, for your own services\n\
         \x20 make demo ROWS=2000000             the same, ten times as large\n\
         \x20 target/release/demo --keep         leaves the servers up for a look around\n\
         \x20 make test                          everything that CI runs",
    );
}

/// `12.3 MB`, in powers of ten as S3's bill has it.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(crate) fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        _ if bytes >= 1e9 => format!("{:.2} GB", bytes / 1e9),
        _ if bytes >= 1e6 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} kB", bytes / 1e3),
    }
}

/// `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [count(0), count(999), count(1_000), count(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [size(1_500), size(45_278_009), size(2_000_000_000)],
            ["1.5 kB", "45.3 MB", "2.00 GB"]
        );
    }
}
