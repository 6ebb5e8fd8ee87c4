//! The words that the rows are made of.

/// Written, read, and in Latin letters.
pub(super) type Name = (&'static str, &'static str, &'static str);

pub(super) const LAST_NAMES: &[Name] = &[
    ("佐藤", "サトウ", "sato"),
    ("鈴木", "スズキ", "suzuki"),
    ("高橋", "タカハシ", "takahashi"),
    ("髙橋", "タカハシ", "takahashi"),
    ("田中", "タナカ", "tanaka"),
    ("伊藤", "イトウ", "ito"),
    ("渡辺", "ワタナベ", "watanabe"),
    ("渡邊", "ワタナベ", "watanabe"),
    ("山本", "ヤマモト", "yamamoto"),
    ("中村", "ナカムラ", "nakamura"),
    ("小林", "コバヤシ", "kobayashi"),
    ("加藤", "カトウ", "kato"),
    ("吉田", "ヨシダ", "yoshida"),
    ("𠮷田", "ヨシダ", "yoshida"),
    ("山田", "ヤマダ", "yamada"),
    ("佐々木", "ササキ", "sasaki"),
    ("山口", "ヤマグチ", "yamaguchi"),
    ("松本", "マツモト", "matsumoto"),
    ("井上", "イノウエ", "inoue"),
    ("木村", "キムラ", "kimura"),
    ("林", "ハヤシ", "hayashi"),
    ("斎藤", "サイトウ", "saito"),
    ("齋藤", "サイトウ", "saito"),
    ("清水", "シミズ", "shimizu"),
    ("山崎", "ヤマザキ", "yamazaki"),
    ("森", "モリ", "mori"),
    ("池田", "イケダ", "ikeda"),
    ("橋本", "ハシモト", "hashimoto"),
    ("阿部", "アベ", "abe"),
    ("石川", "イシカワ", "ishikawa"),
    ("長谷川", "ハセガワ", "hasegawa"),
    ("藤田", "フジタ", "fujita"),
    ("O'Brien", "オブライエン", "obrien"),
    ("D'Angelo", "ダンジェロ", "dangelo"),
    ("Müller", "ミュラー", "mueller"),
    ("Nguyễn", "グエン", "nguyen"),
    ("王", "オウ", "wang"),
    ("김", "キム", "kim"),
];

pub(super) const FIRST_NAMES: &[Name] = &[
    ("陽菜", "ヒナ", "hina"),
    ("結衣", "ユイ", "yui"),
    ("葵", "アオイ", "aoi"),
    ("さくら", "サクラ", "sakura"),
    ("美咲", "ミサキ", "misaki"),
    ("愛", "アイ", "ai"),
    ("真由美", "マユミ", "mayumi"),
    ("智子", "トモコ", "tomoko"),
    ("翔太", "ショウタ", "shota"),
    ("大翔", "ヒロト", "hiroto"),
    ("蓮", "レン", "ren"),
    ("悠真", "ユウマ", "yuma"),
    ("健一", "ケンイチ", "kenichi"),
    ("拓也", "タクヤ", "takuya"),
    ("直樹", "ナオキ", "naoki"),
    ("大輔", "ダイスケ", "daisuke"),
    ("亮", "リョウ", "ryo"),
    ("誠", "マコト", "makoto"),
    ("Anna", "アンナ", "anna"),
    ("Jean-Luc", "ジャンリュック", "jeanluc"),
    ("José", "ホセ", "jose"),
    ("Linh", "リン", "linh"),
    ("Emily", "エミリー", "emily"),
    ("Ravi", "ラヴィ", "ravi"),
];

/// Code, name, name in English.
pub(super) const NATIONALITIES: &[Name] = &[
    ("JP", "日本", "Japan"),
    ("CN", "中国", "China"),
    ("KR", "韓国", "Korea"),
    ("TW", "台湾", "Taiwan"),
    ("VN", "ベトナム", "Viet Nam"),
    ("US", "アメリカ", "United States"),
    ("FR", "フランス", "France"),
    ("GB", "イギリス", "United Kingdom"),
    ("DE", "ドイツ", "Germany"),
    ("IN", "インド", "India"),
    ("BR", "ブラジル", "Brazil"),
    ("CI", "コートジボワール", "Côte d'Ivoire"),
];

/// Prefecture, ward, a town in it.
pub(super) const AREAS: &[Name] = &[
    ("東京都", "渋谷区", "恵比寿"),
    ("東京都", "新宿区", "高田馬場"),
    ("東京都", "世田谷区", "三軒茶屋"),
    ("東京都", "杉並区", "阿佐谷南"),
    ("東京都", "中野区", "東中野"),
    ("東京都", "豊島区", "南池袋"),
    ("東京都", "板橋区", "大山町"),
    ("東京都", "墨田区", "押上"),
    ("東京都", "台東区", "浅草橋"),
    ("東京都", "江東区", "門前仲町"),
    ("東京都", "大田区", "蒲田"),
    ("東京都", "足立区", "千住旭町"),
    ("神奈川県", "横浜市西区", "戸部町"),
    ("神奈川県", "川崎市中原区", "小杉町"),
    ("埼玉県", "川口市", "西川口"),
    ("千葉県", "市川市", "行徳駅前"),
    ("大阪府", "大阪市北区", "中津"),
    ("京都府", "京都市左京区", "一乗寺"),
    ("愛知県", "名古屋市中区", "大須"),
    ("福岡県", "福岡市博多区", "祇園町"),
];

/// Company, line, colour.
pub(super) const LINES: &[Name] = &[
    ("JR東日本", "山手線", "#9ACD32"),
    ("JR東日本", "中央線", "#FF4500"),
    ("JR東日本", "京浜東北線", "#00B2E5"),
    ("東京メトロ", "丸ノ内線", "#F62E36"),
    ("東京メトロ", "東西線", "#009BBF"),
    ("東京メトロ", "半蔵門線", "#8F76D6"),
    ("都営地下鉄", "大江戸線", "#B6007A"),
    ("東急電鉄", "田園都市線", "#20A288"),
    ("小田急電鉄", "小田原線", "#2288CC"),
    ("京王電鉄", "井の頭線", "#000088"),
];

pub(super) const STATIONS: &[&str] = &[
    "渋谷",
    "恵比寿",
    "目黒",
    "新宿",
    "高田馬場",
    "池袋",
    "中野",
    "高円寺",
    "阿佐ケ谷",
    "荻窪",
    "吉祥寺",
    "三軒茶屋",
    "下北沢",
    "明大前",
    "千歳船橋",
    "二子玉川",
    "大山",
    "上野",
    "浅草橋",
    "押上",
    "門前仲町",
    "木場",
    "北千住",
    "蒲田",
    "大森",
    "川崎",
    "武蔵小杉",
    "横浜",
    "戸部",
    "西川口",
];

/// Code, name, description.
pub(super) const ROOM_TYPES: &[Name] = &[
    ("single", "個室", "鍵付きの個室。家具付き"),
    ("single_l", "個室（広め）", "9㎡以上。\"L\" タイプ"),
    ("share", "2人部屋", "カップル可"),
    (
        "dormitory",
        "ドミトリー",
        "1部屋4ベッド\n女性専用フロアあり",
    ),
    ("studio", "ワンルーム", "バス・トイレ付"),
    ("loft", "ロフト付き個室", "天井高 3.2m"),
];

/// Code, name, unused.
pub(super) const PAYMENT_METHODS: &[Name] = &[
    ("bank_transfer", "銀行振込", ""),
    ("direct_debit", "口座振替", ""),
    ("credit_card", "クレジットカード", ""),
    ("convenience_store", "コンビニ払い", ""),
    ("cash", "現金", ""),
];

/// Name, address, unused.
pub(super) const SOURCES: &[Name] = &[
    ("自社サイト", "https://www.example.jp/contact?from=top", ""),
    ("ひつじ不動産", "https://portal.example.com/houses", ""),
    ("Instagram", "https://social.example.com/gghouse_jp", ""),
    ("紹介", "", ""),
    ("電話", "", ""),
];

pub(super) const HOUSE_NAMES: &[&str] = &[
    "ハウス",
    "テラス",
    "コート",
    "ガーデン",
    "ヴィラ",
    "レジデンス",
    "ベース",
    "の家",
];

pub(super) const OCCUPATIONS: &[&str] = &[
    "会社員",
    "学生",
    "留学生",
    "フリーランス",
    "看護師",
    "エンジニア",
    "デザイナー",
    "アルバイト",
    "公務員",
];

pub(super) const MAIL_DOMAINS: &[&str] = &[
    "example.com",
    "example.jp",
    "example.ne.jp",
    "mail.example.org",
    "univ.example.ac.jp",
];

pub(super) const USER_AGENTS: &[&str] = &[
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.6422.165 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15",
];

pub(super) const AMENITIES: &[&str] = &[
    "Wi-Fi",
    "洗濯機",
    "乾燥機",
    "冷蔵庫",
    "電子レンジ",
    "IHコンロ",
    "プロジェクター",
    "シアタールーム",
    "駐輪場",
];

pub(super) const REPAIR_KINDS: &[(&str, &str)] = &[
    (
        "水回り",
        "洗面台の排水が流れにくい。ラバーカップで一時的に改善",
    ),
    (
        "水回り",
        "シャワーの温度が安定しない（給湯器 型番 GQ-1637WS）",
    ),
    ("電気", "廊下の照明が点滅する\n電球を交換しても直らず"),
    ("空調", "エアコンから水漏れ。フィルター清掃済み"),
    ("鍵", "部屋の鍵が回りにくい。潤滑剤を使用"),
    ("共用部", "冷蔵庫の\"冷凍室\"が冷えない"),
    ("害虫", "キッチンでゴキブリを目撃🪳 業者を手配"),
    ("騒音", "隣室の音が大きいとの連絡。it's after 23:00"),
];

/// Notes of the staff. Quotes, line breaks, backslashes, tabs and emoji as such
/// notes have them.
pub(super) const NOTES: &[&str] = &[
    "電話連絡済み。折り返し待ち",
    "家賃の引き落とし口座を変更予定",
    "鍵は宅配ボックス No.3 に返却",
    "ご友人の紹介で契約",
    "自転車 1台登録（シール番号 A-118）",
    "深夜の騒音について注意 1回",
    "更新の意思あり。次回は半年契約を希望",
    "書類: \\\\fileserver\\契約書\\スキャン\\",
    "保証会社の審査: OK",
    "本人曰く「駅から近くて\"最高\"」とのこと😊",
    "It's his second stay; prefers the 2nd floor",
    "在留カードの更新手続き中\n完了後にコピーを提出",
    "荷物が多いため、引越し業者の\t駐車スペースを確保",
    "敷金から清掃費を控除することに同意済み",
    "アレルギー: 猫。ペット可物件は不可",
    "家電レンタルあり（冷蔵庫・洗濯機）",
];

/// Openings, wishes and endings of inquiries, by language: ja, en, zh, ko.
pub(super) const INQUIRIES: &[(&str, [&[&str]; 3])] = &[
    (
        "ja",
        [
            &[
                "はじめまして。",
                "お世話になっております。",
                "ホームページを拝見しました。",
                "先日内見した者です。",
            ],
            &[
                "来月から入居できるお部屋を探しています。",
                "女性専用フロアの空室はありますか。",
                "駅から徒歩10分以内で、家賃は6万円以下を希望します。",
                "友人と2人で住める部屋を探しております。",
                "短期（3か月）の契約は可能でしょうか。",
                "今週の土曜日の午後に内見をお願いできますか。",
                "保証人がいないのですが、契約できますか？",
                "ペット（小型犬）は飼えますか🐶",
            ],
            &[
                "よろしくお願いいたします。",
                "ご返信をお待ちしております。",
                "どうぞよろしくお願いします！",
                "お手数をおかけします。",
            ],
        ],
    ),
    (
        "en",
        [
            &["Hello,", "Hi there!", "Dear sir or madam,"],
            &[
                "I'm moving to Tokyo for work and I'd like to rent a private room.",
                "Is the room \"Single L\" still available?",
                "Do I need a guarantor? I don't have one in Japan.",
                "Could I visit the house next Saturday afternoon?",
                "My budget is around 65,000 yen per month, bills included.",
            ],
            &[
                "Thanks in advance.",
                "Best regards,",
                "Looking forward to your reply :)",
            ],
        ],
    ),
    (
        "zh",
        [
            &["您好，", "你好！"],
            &[
                "我想找一间靠近车站的单人房。",
                "请问可以短租三个月吗？",
                "房租包括水电费吗？",
            ],
            &["谢谢！", "期待您的回复。"],
        ],
    ),
    (
        "ko",
        [
            &["안녕하세요.", "안녕하세요!"],
            &[
                "다음 달부터 입주할 수 있는 방을 찾고 있습니다.",
                "보증인 없이 계약할 수 있나요?",
            ],
            &["감사합니다.", "답변 부탁드립니다."],
        ],
    ),
];

pub(super) const REPLIES: &[&str] = &[
    "お問い合わせいただきありがとうございます。\nご希望の条件に合うお部屋が2件ございます。",
    "ご連絡ありがとうございます。内見の日程を調整いたしますので、ご希望の日時を3つほどお知らせください。",
    "あいにくご希望のお部屋は満室となりました。近隣の物件をご案内できますので、ご検討いただけますと幸いです。",
    "Thank you for your inquiry. We don't require a guarantor; a guarantee company is available instead.",
    "契約に必要な書類は次のとおりです。\n・身分証明書\n・在籍証明書または学生証\n・緊急連絡先",
];

pub(super) const RULES: &[&str] = &[
    "ゴミの分別: 燃えるゴミは月・木、資源は水曜日",
    "22時以降は共用部で静かにお過ごしください",
    "来客は21時まで。宿泊は不可（事前の申請があれば1泊まで）",
    "キッチンの使用後は、コンロと流しを清掃してください",
    "洗濯機の使用は 7:00〜23:00",
    "喫煙は所定の場所のみ",
    "冷蔵庫の食品には、部屋番号と日付を記入すること",
];
