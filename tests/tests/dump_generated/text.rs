//! Characters: for each character set those that it has, and those that hurt.

/// What every character set can hold: quoting, escapes, control characters, and the
/// characters that end, open or continue something in SQL.
const COMMON: &str = "aZ09 b'\"\\`%_;-#/*().,:=@$!?&<>[]{}|~\n\r\t\0\u{1a}\u{8}\u{7f}\u{b}n0Z";

/// Characters of a set beyond ASCII; a multi-byte set's list has characters whose last byte
/// is a backslash, a backtick or a pipe.
fn beyond_ascii(charset: &str) -> &'static str {
    match charset {
        "ascii" | "swe7" => "x",
        "big5" => "功許蓋中文字αツ豹",
        "cp932" | "sjis" => "表示ソ能予十ｱ｡髙①日本語",
        "eucjpms" | "ujis" => "日本語表ソ能ｱ",
        "euckr" => "한국어가힣漢字",
        "gb2312" => "中文字符一龄",
        "gbk" => "中文乗俓僜昞朶誠謀繺",
        "gb18030" => "中文乗俓僜昞😀ß龍",
        "cp1251" | "cp866" | "koi8r" => "Жёя№░Щ",
        "koi8u" => "Жєїя",
        "cp1256" => "عربيپ",
        "cp1257" | "latin7" => "āčėžõü",
        "greek" => "αβγΩά",
        "hebrew" => "אבגת",
        "tis620" => "กขฃ๙",
        "geostd8" => "აბგ",
        "armscii8" => "ԱԲգֆ",
        "cp1250" | "cp852" | "latin2" | "keybcs2" | "macce" => "čďěřžÁý",
        "latin5" => "ğışİé",
        "binary" | "latin1" | "cp850" | "dec8" | "hp8" | "macroman" => "éüßñÄ",
        "ucs2" | "utf8mb3" => "é中文あЖא한\u{ffff}\u{feff}\u{200b}ﬀ\u{301}",
        _ => "é中文あЖא한\u{ffff}\u{feff}😀🏠\u{10ffff}𠮷\u{200b}\u{301}",
    }
}

/// What may not be in the set at all: the server then stores something else.
const ANYTHING: &str = "😀中é\u{10ffff}Ж\u{80}あ";

/// The text that numbers stand for, in the characters of a set.
pub(crate) fn text(picks: &[u16], charset: &str) -> String {
    picks
        .iter()
        .map(|pick| {
            let alphabet = match pick % 16 {
                0..7 => COMMON,
                7..15 => beyond_ascii(charset),
                _ => ANYTHING,
            };
            pick_char(alphabet, usize::from(pick / 16))
        })
        .collect()
}

/// Printable text of the plane that names and comments may use.
pub(crate) fn label(picks: &[u16]) -> String {
    const PLAIN: &str = "abcdefgxyz_AZ019";
    const ODD: &str = "`.'\" \\%_;-#@(),:=!é中あЖא한ß{}[]|?&<$+~^ソ表";
    picks
        .iter()
        .map(|pick| {
            let alphabet = if pick % 4 == 3 { ODD } else { PLAIN };
            pick_char(alphabet, usize::from(pick / 4))
        })
        .collect()
}

fn pick_char(alphabet: &str, index: usize) -> char {
    let count = alphabet.chars().count();
    alphabet
        .chars()
        .nth(index % count)
        .expect("an alphabet has characters")
}

/// A name in backticks.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A string literal of a session whose sql_mode is empty and whose character set is utf8mb4.
pub(crate) fn string(text: &str) -> String {
    let mut literal = String::from("'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => literal.extend(['\\', character]),
            '\0' => literal.push_str("\\0"),
            _ => literal.push(character),
        }
    }
    literal.push('\'');
    literal
}

/// `X'…'`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut literal = String::from("X'");
    for byte in bytes {
        let _ = write!(literal, "{byte:02x}");
    }
    literal.push('\'');
    literal
}

/// A text literal whose bytes no client, driver or mode can touch on their way.
pub(crate) fn hex_text(text: &str) -> String {
    format!("_utf8mb4 {}", hex(text.as_bytes()))
}
