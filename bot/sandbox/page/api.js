// Requests to the users' side of the server.

class RefusedError extends Error {}

async function ask(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  let response;
  try {
    response = await fetch(`/sim/${path}`, options);
  } catch {
    throw new RefusedError("连不上服务器");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new RefusedError(inChinese(answer.error || `HTTP ${response.status}`));
  return answer;
}

const KNOWN = [
  [/has blocked this bot/, "已屏蔽这个机器人"],
  [/is not in chat/, "这个人不在群里"],
  [/may not write/, "这个人在本群被禁言"],
  [/message is too long|caption is too long/, "文字太长"],
  [/no bot is there yet/, "还没有机器人接入"],
  [/was upgraded to supergroup/, "本群已升级为超级群"],
  [/no message \d+/, "这条消息已不在了"],
  [/beyond the calendar/, "时间超出范围"],
  [/no open poll/, "投票已结束"],
];

function inChinese(error) {
  return KNOWN.find(([pattern]) => pattern.test(error))?.[1] ?? error;
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);
export const drop = (path) => ask("DELETE", path);
