// The environment of the router under measurement, in one thread: its subgraphs and its clients. They may share CPUs
// with the router, so they must add as little latency as possible. A version in Node made up two thirds of the median.
//
// 	outside PORT ORIGIN
//
// It answers known requests on 127.0.0.1:PORT. It forwards each unknown request to ORIGIN (http://host:port) once and
// keeps the response.
// stdin: jobs, one JSON per line. The process ends when stdin ends.
// stdout: one JSON per line: {"counting":true} when the warm-up of a job is over, then the job's result.
// It is an open loop: requests start at their intended times, whatever the responses do. A latency is measured from the
// intended time, so a server that stalls pays for all requests that came meanwhile.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const (
	mostConnections = 256
	lastAnswers     = 10 * time.Second
	// Linux lets a thread finish its slice of 3 ms before a thread that was woken runs, unless the slice of the latter is
	// shorter.
	slice = 100 * time.Microsecond
)

// job describes what clients do. They send Known again and again, and each line of Flood once. Both are files with one
// POST body per line.
type job struct {
	URL             string
	Known, Flood    string
	Rate, FloodRate float64 // per second
	Warmup, Seconds float64 // requests of the warm-up do not count
	Router          int     // its pid; its first thread gets short slices too, so that other processes delay it less
}

type result struct {
	Known  figures  `json:"known"`
	Flood  *figures `json:"flood,omitempty"`
	CPUUs  int64    `json:"cpuUs"`
	Missed int      `json:"missed"` // requests forwarded to ORIGIN
}

// figures has times in milliseconds. Late is the longest delay with which this process itself started a request.
type figures struct {
	Sent       int            `json:"sent"`
	Answered   int            `json:"answered"`
	Failed     int            `json:"failed"`
	Unfinished int            `json:"unfinished"`
	Codes      map[string]int `json:"codes"`
	P50        float64        `json:"p50"`
	P95        float64        `json:"p95"`
	P99        float64        `json:"p99"`
	Max        float64        `json:"max"`
	Late       float64        `json:"late"`
}

// connection is one that the router opened (of is nil) or one of a stream. bytes[:length] is what was read of the next
// message.
type connection struct {
	fd       int
	bytes    []byte
	length   int
	of       *stream
	busy     bool
	intended int64
}

// stream sends requests at a constant rate. It reuses the most recently used connection first, so it opens no more
// connections than needed.
type stream struct {
	requests         [][]byte
	interval         float64 // ns
	count, due, next int
	open             int
	free             []*connection
	waiting          []int64 // intended times of requests that wait for a connection
	inFlight         int
	latencies        []float64
	figures
}

type process struct {
	poll, listener, timer int
	connections           map[int32]*connection
	answers               map[string][]byte
	origin                string
	key                   []byte
	missed                int

	router      syscall.SockaddrInet4
	streams     []*stream
	began, from int64
	end         int64
	counting    bool
	cpuBefore   int64
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		os.Exit(1)
	}
	return value
}

func check(err error) { must(0, err) }

func checkErrno(errno syscall.Errno) {
	if errno != 0 {
		check(errno)
	}
}

// now returns CLOCK_MONOTONIC in ns.
func now() int64 {
	var t syscall.Timespec
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&t)), 0)
	checkErrno(errno)
	return t.Nano()
}

func cpuUs() int64 {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return (used.Utime.Nano() + used.Stime.Nano()) / 1000
}

// shortenSlices has no effect on kernels without slices per thread (before 6.12).
func shortenSlices(threads ...int) {
	sysSchedSetattr, known := map[string]uintptr{"amd64": 314, "arm64": 274}[runtime.GOARCH]
	if !known {
		return
	}
	attributes := struct {
		size, policy              uint32
		flags                     uint64
		nice                      int32
		priority                  uint32
		runtime, deadline, period uint64
	}{size: 48, runtime: uint64(slice)}
	for _, task := range must(os.ReadDir("/proc/self/task")) {
		threads = append(threads, must(strconv.Atoi(task.Name())))
	}
	for _, thread := range threads {
		syscall.Syscall(sysSchedSetattr, uintptr(thread), uintptr(unsafe.Pointer(&attributes)), 0)
	}
}

func (p *process) watch(fd int) {
	check(syscall.EpollCtl(p.poll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}))
}

func (p *process) add(fd int, of *stream) *connection {
	check(syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1))
	c := &connection{fd: fd, bytes: make([]byte, 1<<16), of: of}
	p.connections[int32(fd)] = c
	p.watch(fd)
	return c
}

func (p *process) drop(c *connection) {
	delete(p.connections, int32(c.fd))
	syscall.Close(c.fd)
}

// write blocks until the router has read the bytes. The router reads independently of this process, so there is no
// deadlock.
func write(fd int, bytes []byte) error {
	for len(bytes) > 0 {
		n, err := syscall.Write(fd, bytes)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		bytes = bytes[n:]
	}
	return nil
}

// read reads the available bytes. It returns false when the connection has ended.
func (c *connection) read() bool {
	if c.length == len(c.bytes) {
		c.bytes = append(c.bytes, make([]byte, len(c.bytes))...)
	}
	n, err := syscall.Read(c.fd, c.bytes[c.length:])
	if err == syscall.EINTR {
		return true
	}
	c.length += max(n, 0)
	return n > 0
}

// message returns the first complete message.
func (c *connection) message() (head, body []byte, whole bool) {
	end := bytes.Index(c.bytes[:c.length], []byte("\r\n\r\n"))
	if end < 0 {
		return nil, nil, false
	}
	head = c.bytes[:end+2]
	from := end + 4
	length := contentLength(head)
	if length < 0 {
		check(fmt.Errorf("a message without Content-Length: %q", head))
	}
	to := from + length
	if to > c.length {
		return nil, nil, false
	}
	return head, c.bytes[from:to], true
}

// next removes the message with this body from the buffer.
func (c *connection) next(head, body []byte) {
	used := len(head) + 2 + len(body)
	copy(c.bytes, c.bytes[used:c.length])
	c.length -= used
}

// contentLength returns -1 if there is no such header.
func contentLength(head []byte) int {
	name := []byte("\r\ncontent-length: ")
	for i := 0; i+len(name) <= len(head); i++ {
		if head[i] == '\r' && bytes.EqualFold(head[i:i+len(name)], name) {
			length := 0
			for _, digit := range head[i+len(name):] {
				if digit < '0' || digit > '9' {
					break
				}
				length = 10*length + int(digit-'0')
			}
			return length
		}
	}
	return -1
}

func responseOf(status int, body []byte) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: keep-alive\r\nkeep-alive: timeout=65\r\n\r\n%s",
		status, http.StatusText(status), len(body), body)
}

func (p *process) ask(path string, body []byte) []byte {
	p.missed++
	response := must(http.Post(p.origin+path, "application/json", bytes.NewReader(body)))
	defer response.Body.Close()
	return responseOf(response.StatusCode, must(io.ReadAll(response.Body)))
}

// serve answers requests of the router.
func (p *process) serve(c *connection) {
	if !c.read() {
		p.drop(c)
		return
	}
	for {
		head, body, whole := c.message()
		if !whole {
			return
		}
		path := head[bytes.IndexByte(head, ' ')+1:]
		path = path[:bytes.IndexByte(path, ' ')]
		p.key = append(append(append(p.key[:0], path...), ' '), body...)
		answer, known := p.answers[string(p.key)]
		if !known {
			answer = p.ask(string(path), body)
			p.answers[string(p.key)] = answer
		}
		if write(c.fd, answer) != nil {
			p.drop(c)
			return
		}
		c.next(head, body)
	}
}

// receive reads a response of the router.
func (p *process) receive(c *connection) {
	s := c.of
	if !c.read() {
		p.drop(c)
		s.open--
		for i, other := range s.free {
			if other == c {
				s.free = append(s.free[:i], s.free[i+1:]...)
				break
			}
		}
		if c.busy {
			p.finish(s, c.intended, "CLOSED")
		}
		if len(s.waiting) > 0 {
			p.give(p.dial(s), s.nextWaiting())
		}
		return
	}
	head, body, whole := c.message()
	if !whole {
		return
	}
	p.finish(s, c.intended, codeOf(head, body))
	c.next(head, body)
	c.busy = false
	if len(s.waiting) > 0 {
		p.give(c, s.nextWaiting())
		return
	}
	s.free = append(s.free, c)
}

func (s *stream) nextWaiting() int64 {
	intended := s.waiting[0]
	s.waiting = s.waiting[1:]
	return intended
}

// codeOf returns "" for a complete response, otherwise the code of its first error.
func codeOf(head, body []byte) string {
	if bytes.HasPrefix(head, []byte("HTTP/1.1 200 ")) && bytes.HasPrefix(body, []byte(`{"data":{`)) && !bytes.Contains(body, []byte(`"errors":`)) {
		return ""
	}
	if _, after, found := bytes.Cut(body, []byte(`"code":"`)); found {
		code, _, _ := bytes.Cut(after, []byte(`"`))
		return string(code)
	}
	return "HTTP " + string(head[9:12])
}

func (p *process) finish(s *stream, intended int64, code string) {
	s.inFlight--
	if intended < p.from {
		return
	}
	s.latencies = append(s.latencies, float64(now()-intended)/1e6)
	if code == "" {
		s.Answered++
		return
	}
	s.Failed++
	s.Codes[code]++
}

func (p *process) dial(s *stream) *connection {
	fd := must(syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0))
	check(syscall.Connect(fd, &p.router))
	s.open++
	return p.add(fd, s)
}

func (p *process) send(s *stream, intended int64) {
	if intended >= p.from {
		s.Sent++
		s.Late = max(s.Late, float64(now()-intended)/1e6)
	}
	s.inFlight++
	if last := len(s.free) - 1; last >= 0 {
		c := s.free[last]
		s.free = s.free[:last]
		p.give(c, intended)
	} else if s.open < mostConnections {
		p.give(p.dial(s), intended)
	} else {
		s.waiting = append(s.waiting, intended)
	}
}

func (p *process) give(c *connection, intended int64) {
	s := c.of
	c.busy, c.intended = true, intended
	request := s.requests[s.next]
	s.next = (s.next + 1) % len(s.requests)
	write(c.fd, request) // receive handles the outcome
}

func (p *process) setTimer(after time.Duration) {
	setting := [2]syscall.Timespec{1: syscall.NsecToTimespec(max(int64(after), 1))}
	_, _, errno := syscall.Syscall6(syscall.SYS_TIMERFD_SETTIME, uintptr(p.timer), 0, uintptr(unsafe.Pointer(&setting)), 0, 0, 0)
	checkErrno(errno)
}

func (s *stream) dueAt(began int64) int64 { return began + int64(float64(s.due)*s.interval) }

func (p *process) tick() {
	at := now()
	if !p.counting && at >= p.from {
		p.counting = true
		p.cpuBefore = cpuUs()
		fmt.Println(`{"counting":true}`)
	}
	next, inFlight := int64(-1), 0
	for _, s := range p.streams {
		for s.due < s.count && s.dueAt(p.began) <= at {
			intended := s.dueAt(p.began)
			s.due++
			p.send(s, intended)
		}
		if due := s.dueAt(p.began); s.due < s.count && (next < 0 || due < next) {
			next = due
		}
		inFlight += s.inFlight
	}
	switch {
	case next >= 0:
		p.setTimer(time.Duration(next - now()))
	case inFlight > 0 && at < p.end+int64(lastAnswers):
		p.setTimer(20 * time.Millisecond)
	default:
		p.report()
	}
}

func (p *process) begin(line string) {
	var j job
	check(json.Unmarshal([]byte(line), &j))
	at := must(url.Parse(j.URL))
	p.router = syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: must(strconv.Atoi(at.Port()))}
	newStream := func(file string, rate float64, once bool) *stream {
		s := &stream{interval: 1e9 / rate, count: int((j.Warmup + j.Seconds) * rate), figures: figures{Codes: map[string]int{}}}
		for _, body := range strings.Split(strings.TrimSpace(string(must(os.ReadFile(file)))), "\n") {
			s.requests = append(s.requests, fmt.Appendf(nil, "POST %s HTTP/1.1\r\nhost: %s\r\ncontent-type: application/json\r\naccept: application/json\r\ncontent-length: %d\r\n\r\n%s",
				at.Path, at.Host, len(body), body))
		}
		if once && len(s.requests) < s.count {
			check(fmt.Errorf("%s has %d lines, %d are needed", file, len(s.requests), s.count))
		}
		s.latencies = make([]float64, 0, s.count)
		return s
	}
	p.streams = []*stream{newStream(j.Known, j.Rate, false)}
	if j.Flood != "" {
		p.streams = append(p.streams, newStream(j.Flood, j.FloodRate, true))
	}
	p.missed, p.counting = 0, false
	runtime.GC()
	shortenSlices(j.Router)
	p.began = now()
	p.from = p.began + int64(j.Warmup*1e9)
	p.end = p.from + int64(j.Seconds*1e9)
	p.setTimer(0)
}

func (p *process) report() {
	r := result{CPUUs: cpuUs() - p.cpuBefore, Missed: p.missed}
	for i, s := range p.streams {
		sort.Float64s(s.latencies)
		quantile := func(share float64) float64 {
			if len(s.latencies) == 0 {
				return 0
			}
			return s.latencies[min(int(share*float64(len(s.latencies))), len(s.latencies)-1)]
		}
		s.P50, s.P95, s.P99, s.Max, s.Unfinished = quantile(0.5), quantile(0.95), quantile(0.99), quantile(1), s.inFlight
		if i == 0 {
			r.Known = s.figures
		} else {
			r.Flood = &s.figures
		}
	}
	p.streams = nil
	for _, c := range p.connections {
		if c.of != nil {
			p.drop(c)
		}
	}
	fmt.Println(string(must(json.Marshal(r))))
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "outside PORT ORIGIN")
		os.Exit(2)
	}
	runtime.LockOSThread()
	debug.SetGCPercent(400)
	p := &process{connections: map[int32]*connection{}, answers: map[string][]byte{}, origin: os.Args[2]}
	p.poll = must(syscall.EpollCreate1(0))
	p.listener = must(syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0))
	check(syscall.SetsockoptInt(p.listener, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1))
	check(syscall.Bind(p.listener, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: must(strconv.Atoi(os.Args[1]))}))
	check(syscall.Listen(p.listener, 1024))
	timer, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, 1, 0, 0)
	checkErrno(errno)
	p.timer = int(timer)
	p.watch(p.listener)
	p.watch(p.timer)
	p.watch(0)
	jobs := bufio.NewReader(os.Stdin)
	events := make([]syscall.EpollEvent, 256)
	var expirations [8]byte
	for {
		n, err := syscall.EpollWait(p.poll, events, -1)
		if err == syscall.EINTR {
			continue
		}
		check(err)
		for _, event := range events[:n] {
			switch fd := int(event.Fd); fd {
			case p.listener:
				accepted, _, err := syscall.Accept(p.listener)
				check(err)
				p.add(accepted, nil)
			case p.timer:
				must(syscall.Read(p.timer, expirations[:]))
				if p.streams != nil {
					p.tick()
				}
			case 0:
				line, err := jobs.ReadString('\n')
				if err != nil {
					return
				}
				p.begin(line)
			default:
				c := p.connections[event.Fd]
				if c == nil { // dropped meanwhile
					continue
				}
				if c.of == nil {
					p.serve(c)
				} else {
					p.receive(c)
				}
			}
		}
	}
}
