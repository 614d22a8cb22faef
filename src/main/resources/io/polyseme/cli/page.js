'use strict';
// Draws the charts that the page holds as ECharts options; options that are chosen among share one place.
const dark = matchMedia('(prefers-color-scheme: dark)').matches;
const data = JSON.parse(document.getElementById('charts').textContent);
const lively = (option) => {
  const copy = JSON.parse(JSON.stringify(option));
  if (copy.visualMap && copy.xAxis && copy.yAxis) {
    const number = (v) => Math.abs(v) >= 0.01 || v === 0 ? v.toFixed(3) : v.toExponential(1);
    copy.tooltip = {
      formatter: (p) => echarts.format.encodeHTML(
        `${copy.yAxis.data[p.value[1]]} → ${copy.xAxis.data[p.value[0]]}: ${number(p.value[2])}`),
    };
  }
  return Object.assign({ backgroundColor: 'transparent', animation: false }, copy);
};
data.forEach((chart, i) => {
  const place = document.getElementById(`chart-${i}`);
  const view = echarts.init(place, dark ? 'dark' : null);
  const show = (n) => view.setOption(lively(chart.options[n]), true);
  show(0);
  addEventListener('resize', () => view.resize());
  const slider = document.getElementById(`slider-${i}`);
  if (slider) {
    const select = document.getElementById(`select-${i}`);
    const go = (n) => { slider.value = n; select.value = n; show(n); };
    slider.addEventListener('input', () => go(Number(slider.value)));
    select.addEventListener('change', () => go(Number(select.value)));
  }
});
